/**
 * Times that are ahead of the clock: written while it was wrong. What waits for one of them would wait until it comes. Each function moves those
 * of some rows back and answers how many, so that no transaction changes very many: it is called until it answers 0.
 */
import type { Transaction } from './database.ts'

/** Rows that a transaction changes at most. */
const BATCH = 500

/** Jobs that nobody works on and that wait for a time after `latest` become due at `now`; leases that end after `leaseEnd` end then. */
export async function pullBackJobs(
  trx: Transaction,
  { now, latest, leaseEnd }: { now: number; latest: number; leaseEnd: number },
): Promise<number> {
  const rows = await trx
    .selectFrom('jobs')
    .select(['seq', 'lease'])
    .where(eb =>
      eb.or([
        eb.and([eb('lease', 'is', null), eb('run_at', '>', latest)]),
        eb.and([eb('lease', 'is not', null), eb('run_at', '>', leaseEnd)]),
      ]),
    )
    .orderBy('seq')
    .limit(BATCH)
    .forUpdate()
    .execute()
  for (const { seq, lease } of rows) {
    const runAt = lease === null ? now : leaseEnd
    await trx.updateTable('jobs').set({ run_at: runAt }).where('seq', '=', seq).execute()
  }
  return rows.length
}

/** Uploads that end after `latest` end then: those that one request brings, or those in parts. */
export async function pullBackUploads(
  trx: Transaction,
  { inParts, latest }: { inParts: boolean; latest: number },
): Promise<number> {
  const rows = await trx
    .selectFrom('uploads')
    .select('id')
    .where('state', inParts ? '!=' : '=', 'receiving')
    .where('expires_at', '>', latest)
    .orderBy('id')
    .limit(BATCH)
    .forUpdate()
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map(({ id }) => id)
  await trx.updateTable('uploads').set({ expires_at: latest }).where('id', 'in', ids).execute()
  return rows.length
}

/** There are only a few of them. */
export async function pullBackHolds(trx: Transaction, latest: number): Promise<number> {
  await trx.updateTable('holds').set({ until: latest }).where('until', '>', latest).execute()
  return 0
}

interface Past {
  now: number
  /** What is said to have happened after this was written by a wrong clock. */
  latest: number
}

/** The grace time of these begins at `now`. */
export async function pullBackGraces(trx: Transaction, { now, latest }: Past): Promise<number> {
  const rows = await trx
    .selectFrom('blobs')
    .select('id')
    .where('unreferenced_at', '>', latest)
    .orderBy('id')
    .limit(BATCH)
    .forNoKeyUpdate()
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map(({ id }) => id)
  await trx.updateTable('blobs').set({ unreferenced_at: now }).where('id', 'in', ids).execute()
  return rows.length
}

export async function pullBackUnknownBytes(trx: Transaction, { now, latest }: Past): Promise<number> {
  const rows = await trx
    .selectFrom('unknown_bytes')
    .select('blob_id')
    .where('found_at', '>', latest)
    .orderBy('blob_id')
    .limit(BATCH)
    .forUpdate()
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map(row => row.blob_id)
  await trx.updateTable('unknown_bytes').set({ found_at: now, seen_at: now }).where('blob_id', 'in', ids).execute()
  return rows.length
}

export async function pullBackIdempotencyKeys(trx: Transaction, { now, latest }: Past): Promise<number> {
  const rows = await trx
    .selectFrom('idempotency_keys')
    .select(['api_key_id', 'key'])
    .where('created_at', '>', latest)
    .orderBy('created_at')
    .limit(BATCH)
    .forUpdate()
    .execute()
  for (const { api_key_id, key } of rows) {
    const row = trx.updateTable('idempotency_keys').set({ created_at: now })
    await row.where('api_key_id', '=', api_key_id).where('key', '=', key).execute()
  }
  return rows.length
}
