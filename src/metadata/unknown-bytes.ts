/** Bytes that lie in a store though no row knows them: when they were found, and when they were last seen. */
import type { Reader, Transaction } from './database.ts'

/** Those noted before keep the time when they were found. */
export async function noteUnknownBytes(trx: Transaction, blobIds: string[], at: number): Promise<void> {
  await trx
    .insertInto('unknown_bytes')
    .values(blobIds.map(id => ({ blob_id: id, found_at: at, seen_at: at })))
    .onConflict(conflict => conflict.column('blob_id').doUpdateSet({ seen_at: at }))
    .execute()
}

/** Forgets those that a look through all stores, begun at `since`, has not seen: they are gone, or have a row. */
export async function forgetUnseenBytes(trx: Transaction, since: number): Promise<void> {
  await trx.deleteFrom('unknown_bytes').where('seen_at', '<', since).execute()
}

export async function forgetUnknownBytes(trx: Transaction, blobIds: string[]): Promise<void> {
  await trx.deleteFrom('unknown_bytes').where('blob_id', 'in', blobIds).execute()
}

/** Up to `limit` of those found at `before` (ms since 1970) or earlier. */
export async function listUnknownBytes(db: Reader, before: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('unknown_bytes')
    .select('blob_id')
    .where('found_at', '<=', before)
    .orderBy('found_at')
    .limit(limit)
    .execute()
  return rows.map(row => row.blob_id)
}

export async function countUnknownBytes(db: Reader): Promise<number> {
  const row = await db
    .selectFrom('unknown_bytes')
    .select(eb => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** When the first of those was found that came after `after`; ms since 1970. */
export async function findNextUnknown(db: Reader, after: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('unknown_bytes')
    .select('found_at')
    .where('found_at', '>', after)
    .orderBy('found_at')
    .limit(1)
    .executeTakeFirst()
  return row?.found_at
}
