import type { ExpressionBuilder } from 'kysely'
import type { Blob } from '../domain/blob.ts'
import type { Reader, Transaction } from './database.ts'
import type { Schema } from './schema.ts'
import { LIVE_STATES } from './uploads.ts'

/** What keeps a blob: the one predicate. A new kind of reference is one more line here. */
function isReferenced(eb: ExpressionBuilder<Schema, 'blobs'>) {
  const { exists, selectFrom, or } = eb
  return or([
    exists(selectFrom('files').select('path').whereRef('files.blob_id', '=', 'blobs.id')),
    exists(
      selectFrom('uploads').select('id').whereRef('uploads.blob_id', '=', 'blobs.id').where('state', 'in', LIVE_STATES),
    ),
  ])
}

/** The intact blob with these bytes, if the team already has it in that place. */
export async function findBlobByContent(
  db: Reader,
  content: { teamId: string; storageProviderId: string; sha256: string },
): Promise<string | undefined> {
  const row = await db
    .selectFrom('blobs')
    .select('id')
    .where('team_id', '=', content.teamId)
    .where('storage_provider_id', '=', content.storageProviderId)
    .where('sha256', '=', content.sha256)
    .where('damaged_at', 'is', null)
    .executeTakeFirst()
  return row?.id
}

/** Answers false, and changes nothing, when another transaction has just made an intact blob with the same bytes. */
export async function insertBlob(trx: Transaction, blob: Blob, at: number): Promise<boolean> {
  const row = await trx
    .insertInto('blobs')
    .values({
      id: blob.id,
      team_id: blob.teamId,
      storage_provider_id: blob.storageProviderId,
      size: blob.size,
      sha256: blob.sha256,
      created_at: at,
      verified_at: at,
    })
    .onConflict(conflict => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Files that refer to a damaged blob with these bytes get the intact one: what they promise has not changed. Answers the blobs left behind. */
export async function replaceDamagedBlobs(trx: Transaction, intact: Blob): Promise<string[]> {
  const damaged = await trx
    .selectFrom('blobs')
    .select('id')
    .where('team_id', '=', intact.teamId)
    .where('storage_provider_id', '=', intact.storageProviderId)
    .where('sha256', '=', intact.sha256)
    .where('damaged_at', 'is not', null)
    .execute()
  const ids = damaged.map(row => row.id)
  if (ids.length > 0) await trx.updateTable('files').set({ blob_id: intact.id }).where('blob_id', 'in', ids).execute()
  return ids
}

/** Locks the blobs until the end of the transaction, in one order everywhere, so that two transactions never wait for each other's. */
export async function lockBlobs(trx: Transaction, ids: string[]): Promise<void> {
  await trx.selectFrom('blobs').select('id').where('id', 'in', ids).orderBy('id').forNoKeyUpdate().execute()
}

/** A file is about to refer to the blob, so it is not to be reclaimed. Answers false when it has just been. */
export async function markBlobReferenced(trx: Transaction, id: string): Promise<boolean> {
  const row = await trx
    .updateTable('blobs')
    .set({ unreferenced_at: null })
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** The same for many, which are locked. Answers how many of them are there. */
export async function markBlobsReferenced(trx: Transaction, ids: string[]): Promise<number> {
  const rows = await trx
    .updateTable('blobs')
    .set({ unreferenced_at: null })
    .where('id', 'in', ids)
    .returning('id')
    .execute()
  return rows.length
}

/** Starts the grace time of those among `ids` that nothing refers to any more. Answers whether there was one. */
export async function markBlobsUnreferenced(trx: Transaction, ids: string[], at: number): Promise<boolean> {
  if (ids.length === 0) return false
  // Locked before anyone looks for references: of two transactions that each remove one of the last two, the second sees that none is left.
  await lockBlobs(trx, ids)
  const rows = await trx
    .updateTable('blobs')
    .set({ unreferenced_at: at })
    .where('id', 'in', ids)
    .where('unreferenced_at', 'is', null)
    .where(eb => eb.not(isReferenced(eb)))
    .returning('id')
    .execute()
  return rows.length > 0
}

/**
 * Takes the rows of up to `limit` blobs that nothing has referred to since `before`, and answers whose bytes may go. From here on nothing
 * can refer to them again: a new upload of the same bytes gets a new id.
 */
export async function takeUnreferencedBlobs(trx: Transaction, before: number, limit: number): Promise<Blob[]> {
  const candidates = await trx
    .selectFrom('blobs')
    .select('id')
    .where('unreferenced_at', '<=', before)
    .orderBy('unreferenced_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()
  if (candidates.length === 0) return []
  const ids = candidates.map(({ id }) => id)
  const rows = await trx
    .deleteFrom('blobs')
    .where('id', 'in', ids)
    .where('unreferenced_at', '<=', before)
    .where(eb => eb.not(isReferenced(eb)))
    .returningAll()
    .execute()
  if (rows.length < ids.length) await clearMarks(trx, ids)
  return rows.map(toBlob)
}

/** A blob that something refers to is not waiting to be reclaimed, whatever its mark says. */
async function clearMarks(trx: Transaction, ids: string[]): Promise<void> {
  await trx.updateTable('blobs').set({ unreferenced_at: null }).where('id', 'in', ids).where(isReferenced).execute()
}

/** When the next blob's grace time began, if one is waiting. */
export async function findOldestUnreferenced(db: Reader): Promise<number | undefined> {
  const row = await db
    .selectFrom('blobs')
    .select('unreferenced_at')
    .where('unreferenced_at', 'is not', null)
    .orderBy('unreferenced_at')
    .limit(1)
    .executeTakeFirst()
  return row?.unreferenced_at ?? undefined
}

/** Which of these ids are of stored bytes or of bytes on their way. In one statement: an upload's row becomes a blob's in one moment. */
export async function filterKnownBlobs(db: Reader, ids: string[]): Promise<Set<string>> {
  const rows = await db
    .selectFrom('blobs')
    .select('id')
    .where('id', 'in', ids)
    .union(
      db.selectFrom('uploads').select('blob_id as id').where('blob_id', 'in', ids).where('state', 'in', LIVE_STATES),
    )
    .execute()
  return new Set(rows.map(row => row.id))
}

/** Sorted by id, a slice at a time: for going through all of them. */
export async function listBlobsAfter(
  db: Reader,
  after: string,
  limit: number,
): Promise<Array<Blob & { isDamaged: boolean }>> {
  const rows = await db.selectFrom('blobs').selectAll().where('id', '>', after).orderBy('id').limit(limit).execute()
  return rows.map(row => ({ ...toBlob(row), isDamaged: row.damaged_at !== null }))
}

/** How many blobs there are, and their bytes. */
export async function measureBlobs(db: Reader): Promise<{ blobs: number; bytes: number }> {
  const row = await db
    .selectFrom('blobs')
    .select(eb => [
      eb.fn.countAll<number>().as('count'),
      eb.fn.coalesce(eb.fn.sum<number>('size'), eb.lit(0)).as('bytes'),
    ])
    .executeTakeFirstOrThrow()
  return { blobs: Number(row.count), bytes: Number(row.bytes) }
}

export interface BlobSums {
  blobs: number
  bytes: number
  damaged: number
}

/** The sums over the `limit` blobs whose ids come after `after`, and the last of their ids; undefined when no more can follow. */
export async function sumBlobPage(
  db: Reader,
  after: string,
  limit: number,
): Promise<BlobSums & { last: string | undefined }> {
  const page = db
    .selectFrom('blobs')
    .select(['id', 'size', 'damaged_at'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
  const row = await db
    .selectFrom(page.as('page'))
    .select(eb => [
      eb.fn.countAll<number>().as('blobs'),
      eb.fn.coalesce(eb.fn.sum<number>('size'), eb.lit(0)).as('bytes'),
      eb.fn.count<number>('damaged_at').as('damaged'),
      eb.fn.max('id').as('last'),
    ])
    .executeTakeFirstOrThrow()
  const blobs = Number(row.blobs)
  return { blobs, bytes: Number(row.bytes), damaged: Number(row.damaged), last: blobs === limit ? row.last : undefined }
}

export async function markBlobVerified(trx: Transaction, id: string, at: number): Promise<void> {
  await trx.updateTable('blobs').set({ verified_at: at }).where('id', '=', id).execute()
}

/** Takes a mark of damage back: the bytes were found to be right again. Where an intact copy has come meanwhile, that one stays. */
export async function markBlobIntact(trx: Transaction, blob: Blob): Promise<void> {
  await trx
    .updateTable('blobs')
    .set({ damaged_at: null })
    .where('id', '=', blob.id)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('blobs as other')
            .select('other.id')
            .where('other.team_id', '=', blob.teamId)
            .where('other.storage_provider_id', '=', blob.storageProviderId)
            .where('other.sha256', '=', blob.sha256)
            .where('other.damaged_at', 'is', null),
        ),
      ),
    )
    .execute()
}

/** Answers false when the blob is gone or has the mark already. */
export async function markBlobDamaged(trx: Transaction, id: string, at: number): Promise<boolean> {
  const row = await trx
    .updateTable('blobs')
    .set({ damaged_at: at })
    .where('id', '=', id)
    .where('damaged_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export interface BlobUse {
  modelId: string
  modelName: string
  version: number
  path: string
}

/** Up to `limit` of the files that refer to a blob, with the names a person knows them by. What has been deleted is left out. */
export async function listBlobUses(db: Reader, id: string, limit: number): Promise<BlobUse[]> {
  return await db
    .selectFrom('files')
    .innerJoin('models', 'models.id', 'files.model_id')
    .innerJoin('versions', join =>
      join.onRef('versions.model_id', '=', 'files.model_id').onRef('versions.number', '=', 'files.number'),
    )
    .select(['files.model_id as modelId', 'models.name as modelName', 'files.number as version', 'files.path'])
    .where('files.blob_id', '=', id)
    .where('models.deleted_at', 'is', null)
    .where('versions.deleted_at', 'is', null)
    .orderBy('files.model_id')
    .orderBy('files.number')
    .orderBy('files.path')
    .limit(limit)
    .execute()
}

/** The bytes a team has stored. The same bytes count once. */
export async function sumBlobSizes(db: Reader, teamId: string): Promise<number> {
  const row = await db
    .selectFrom('blobs')
    .select(eb => eb.fn.coalesce(eb.fn.sum<number>('size'), eb.lit(0)).as('bytes'))
    .where('team_id', '=', teamId)
    .executeTakeFirstOrThrow()
  return Number(row.bytes)
}

function toBlob(row: { id: string; team_id: string; storage_provider_id: string; size: number; sha256: string }): Blob {
  return {
    id: row.id,
    teamId: row.team_id,
    storageProviderId: row.storage_provider_id,
    size: row.size,
    sha256: row.sha256,
  }
}

/** Whether the registry's own directory holds any bytes. */
export async function hasLocalBlobs(db: Reader): Promise<boolean> {
  const row = await db
    .selectFrom('storage_providers')
    .select('id')
    .where('kind', '=', 'local')
    .where(eb =>
      eb.exists(
        eb.selectFrom('blobs').select('blobs.id').whereRef('blobs.storage_provider_id', '=', 'storage_providers.id'),
      ),
    )
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
