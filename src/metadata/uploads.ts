import { type Insertable, type Selectable, sql } from 'kysely'
import type { Rows, Slice } from '../domain/paging.ts'
import type { PartedState, PartedUpload, Upload } from '../domain/upload.ts'
import type { Reader, Transaction } from './database.ts'
import type { UploadsTable } from './schema.ts'
import { inSlice, toRows } from './slices.ts'

/** In these an upload still has bytes of its own. */
export const LIVE_STATES = ['receiving', 'open', 'verifying'] as const

/** As the index of these has it: with bound values a planner would not see that it fits. */
const IS_UNFINISHED = sql<boolean>`state in ('open', 'verifying')`

export async function insertUpload(
  trx: Transaction,
  upload: Upload,
  parted: Partial<Insertable<UploadsTable>> = {},
): Promise<void> {
  await trx
    .insertInto('uploads')
    .values({
      id: upload.id,
      team_id: upload.teamId,
      model_id: upload.modelId,
      number: upload.version,
      path: upload.path,
      storage_provider_id: upload.storageProviderId,
      blob_id: upload.blobId,
      staging: upload.staging,
      user_id: upload.userId,
      api_key_id: upload.apiKeyId,
      created_at: upload.createdAt,
      expires_at: upload.expiresAt,
      ...parted,
    })
    .execute()
}

/** Answers undefined when the upload is not there any more: its time was over. */
export async function deleteUpload(trx: Transaction, id: string): Promise<Upload | undefined> {
  const row = await trx.deleteFrom('uploads').where('id', '=', id).returningAll().executeTakeFirst()
  return row && toUpload(row)
}

/** Answers false when the upload is not there any more, or has a note already. */
export async function noteStaging(trx: Transaction, id: string, staging: string): Promise<boolean> {
  const row = await trx
    .updateTable('uploads')
    .set({ staging })
    .where('id', '=', id)
    .where('staging', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Moves the end of uploads that are alive. */
export async function renewUploads(trx: Transaction, ids: string[], expiresAt: number): Promise<void> {
  await trx.updateTable('uploads').set({ expires_at: expiresAt }).where('id', 'in', ids).execute()
}

/** Takes the rows of up to `limit` single requests whose time was over at `at`. */
export async function takeExpiredReceptions(trx: Transaction, at: number, limit: number): Promise<Upload[]> {
  const rows = await selectExpired(trx, at, limit).where('state', '=', 'receiving').execute()
  const ids = rows.map(({ id }) => id)
  if (ids.length > 0) await trx.deleteFrom('uploads').where('id', 'in', ids).execute()
  return rows.map(toUpload)
}

/** Up to `limit` uploads in parts that wait for more of them, and whose time was over at `at`; locked. */
export async function listExpiredOpenUploads(trx: Transaction, at: number, limit: number): Promise<PartedUpload[]> {
  const rows = await selectExpired(trx, at, limit).where('state', '=', 'open').execute()
  return rows.map(toPartedUpload)
}

/** Removes up to `limit` rows of uploads that ended long ago, and before them those of their parts. Answers how many rows went. */
export async function deleteEndedUploads(trx: Transaction, at: number, limit: number): Promise<number> {
  const rows = await selectExpired(trx, at, limit).where('state', 'in', ['complete', 'failed']).execute()
  if (rows.length === 0) return 0
  const ids = rows.map(({ id }) => id)
  const parts = await trx
    .deleteFrom('upload_parts')
    .where(({ eb, refTuple, selectFrom }) =>
      eb(
        refTuple('upload_id', 'number'),
        'in',
        selectFrom('upload_parts')
          .select(['upload_id', 'number'])
          .where('upload_id', 'in', ids)
          .limit(limit)
          .$asTuple('upload_id', 'number'),
      ),
    )
    .executeTakeFirst()
  const removed = Number(parts.numDeletedRows)
  if (removed === limit) return removed
  await trx.deleteFrom('uploads').where('id', 'in', ids).execute()
  return removed + ids.length
}

function selectExpired(trx: Transaction, at: number, limit: number) {
  return trx
    .selectFrom('uploads')
    .selectAll()
    .where('expires_at', '<=', at)
    .orderBy('expires_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
}

/** Makes every upload that one request brings end now: only while no other process can be receiving one. */
export async function expireAllReceptions(trx: Transaction, at: number): Promise<void> {
  await trx
    .updateTable('uploads')
    .set({ expires_at: at })
    .where('expires_at', '>', at)
    .where('state', '=', 'receiving')
    .execute()
}

function toUpload(row: Selectable<UploadsTable>): Upload {
  return {
    id: row.id,
    teamId: row.team_id,
    modelId: row.model_id,
    version: row.number,
    path: row.path,
    storageProviderId: row.storage_provider_id,
    blobId: row.blob_id,
    staging: row.staging,
    userId: row.user_id,
    apiKeyId: row.api_key_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}

export async function insertPartedUpload(trx: Transaction, upload: PartedUpload): Promise<void> {
  await insertUpload(trx, upload, {
    state: upload.state,
    content_type: upload.contentType,
    size: upload.size,
    sha256: upload.sha256,
    part_size: upload.partSize,
  })
}

/** An upload in parts, whatever its state. */
export async function findPartedUpload(db: Reader, id: string): Promise<PartedUpload | undefined> {
  const row = await selectParted(db).where('id', '=', id).executeTakeFirst()
  return row && toPartedUpload(row)
}

/** The same, locked until the end of the transaction. */
export async function lockPartedUpload(trx: Transaction, id: string): Promise<PartedUpload | undefined> {
  const row = await selectParted(trx).where('id', '=', id).forNoKeyUpdate().executeTakeFirst()
  return row && toPartedUpload(row)
}

/** The uploads into a draft that are not at their end. */
export async function listPartedUploads(
  db: Reader,
  { modelId, number }: { modelId: string; number: number },
  slice: Slice<number>,
): Promise<Rows<PartedUpload, number>> {
  const query = selectParted(db).where('model_id', '=', modelId).where('number', '=', number).where(IS_UNFINISHED)
  return toRows(await inSlice(query, 'seq', slice).execute(), slice.limit, toPartedUpload, row => row.seq)
}

/** Makes the open uploads into a version end now, since it is about to go. */
export async function expireUploadsOf(trx: Transaction, modelId: string, number: number, at: number): Promise<void> {
  await trx
    .updateTable('uploads')
    .set({ expires_at: at })
    .where('model_id', '=', modelId)
    .where('number', '=', number)
    .where(IS_UNFINISHED)
    .execute()
}

export async function updatePartedUpload(
  trx: Transaction,
  id: string,
  changed: Partial<Pick<PartedUpload, 'state' | 'sha256' | 'problem' | 'expiresAt' | 'receivedBytes' | 'isContested'>>,
): Promise<void> {
  await trx
    .updateTable('uploads')
    .set({
      ...(changed.state !== undefined && { state: changed.state }),
      ...(changed.sha256 !== undefined && { sha256: changed.sha256 }),
      ...(changed.problem !== undefined && { problem: changed.problem }),
      ...(changed.expiresAt !== undefined && { expires_at: changed.expiresAt }),
      ...(changed.receivedBytes !== undefined && { received_bytes: changed.receivedBytes }),
      ...(changed.isContested !== undefined && { is_contested: changed.isContested ? 1 : 0 }),
    })
    .where('id', '=', id)
    .execute()
}

function selectParted(db: Reader) {
  return db.selectFrom('uploads').selectAll().where('state', '!=', 'receiving')
}

function toPartedUpload(row: Selectable<UploadsTable>): PartedUpload {
  return {
    ...toUpload(row),
    state: row.state as PartedState,
    contentType: row.content_type,
    size: row.size,
    sha256: row.sha256,
    partSize: row.part_size,
    receivedBytes: row.received_bytes,
    problem: row.problem,
    isContested: row.is_contested === 1,
  }
}
