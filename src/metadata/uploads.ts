import type { Selectable } from 'kysely'
import type { Upload } from '../domain/upload.ts'
import type { Transaction } from './database.ts'
import type { UploadsTable } from './schema.ts'

export async function insertUpload(trx: Transaction, upload: Upload): Promise<void> {
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
    })
    .execute()
}

/** Answers undefined when the upload is not there any more: its time was over. */
export async function deleteUpload(trx: Transaction, id: string): Promise<Upload | undefined> {
  const row = await trx.deleteFrom('uploads').where('id', '=', id).returningAll().executeTakeFirst()
  return row && toUpload(row)
}

/** Answers false when the upload is not there any more. */
export async function noteStaging(trx: Transaction, id: string, staging: string): Promise<boolean> {
  const row = await trx.updateTable('uploads').set({ staging }).where('id', '=', id).returning('id').executeTakeFirst()
  return row !== undefined
}

/** Moves the end of uploads that are alive. */
export async function renewUploads(trx: Transaction, ids: string[], expiresAt: number): Promise<void> {
  await trx.updateTable('uploads').set({ expires_at: expiresAt }).where('id', 'in', ids).execute()
}

/** Takes the rows of up to `limit` uploads whose time was over at `at`. */
export async function takeExpiredUploads(trx: Transaction, at: number, limit: number): Promise<Upload[]> {
  const rows = await trx
    .selectFrom('uploads')
    .selectAll()
    .where('expires_at', '<=', at)
    .orderBy('expires_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()
  const ids = rows.map(({ id }) => id)
  if (ids.length > 0) await trx.deleteFrom('uploads').where('id', 'in', ids).execute()
  return rows.map(toUpload)
}

/** Makes every upload end now: only while no other process can be receiving one. */
export async function expireAllUploads(trx: Transaction, at: number): Promise<void> {
  await trx.updateTable('uploads').set({ expires_at: at }).where('expires_at', '>', at).execute()
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
