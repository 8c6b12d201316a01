import type { Queryable } from './database.ts'

export interface BlobRow {
  id: string
  teamId: string
  storageProviderId: string
  size: number
  sha256: string
}

/** The intact blob with these bytes, if the team already has it in that place. */
export async function findBlobByContent(
  db: Queryable,
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

export async function insertBlob(db: Queryable, blob: BlobRow, at: number): Promise<void> {
  await db
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
    .execute()
}

/** Files that refer to a damaged blob with these bytes get the intact one: what they promise has not changed. Answers the blobs left behind. */
export async function replaceDamagedBlobs(db: Queryable, intact: BlobRow): Promise<string[]> {
  const damaged = await db
    .selectFrom('blobs')
    .select('id')
    .where('team_id', '=', intact.teamId)
    .where('storage_provider_id', '=', intact.storageProviderId)
    .where('sha256', '=', intact.sha256)
    .where('damaged_at', 'is not', null)
    .execute()
  const ids = damaged.map(row => row.id)
  if (ids.length > 0) await db.updateTable('files').set({ blob_id: intact.id }).where('blob_id', 'in', ids).execute()
  return ids
}

/** A file refers to the blob again: it is no longer to be reclaimed. */
export async function markBlobReferenced(db: Queryable, id: string): Promise<void> {
  await db.updateTable('blobs').set({ unreferenced_at: null }).where('id', '=', id).execute()
}

/** Starts the grace time of those among `ids` that no file refers to any more. Answers whether there was one. */
export async function markBlobsUnreferenced(db: Queryable, ids: string[], at: number): Promise<boolean> {
  if (ids.length === 0) return false
  const rows = await db
    .updateTable('blobs')
    .set({ unreferenced_at: at })
    .where('id', 'in', [...new Set(ids)])
    .where('unreferenced_at', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('files').select('path').whereRef('files.blob_id', '=', 'blobs.id'))),
    )
    .returning('id')
    .execute()
  return rows.length > 0
}

/**
 * Takes the rows of up to `limit` blobs that nothing has referred to since `before`, and answers whose bytes may go. From here on nothing
 * can refer to them again: a new upload of the same bytes gets a new id.
 */
export async function takeUnreferencedBlobs(db: Queryable, before: number, limit: number): Promise<BlobRow[]> {
  const rows = await db
    .deleteFrom('blobs')
    .where('id', 'in', eb =>
      eb
        .selectFrom('blobs')
        .select('id')
        .where('unreferenced_at', '<=', before)
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom('files').select('path').whereRef('files.blob_id', '=', 'blobs.id'))),
        )
        .orderBy('unreferenced_at')
        .limit(limit),
    )
    .returningAll()
    .execute()
  return rows.map(toBlob)
}

/** When the next blob's grace time began, if one is waiting. */
export async function findOldestUnreferenced(db: Queryable): Promise<number | undefined> {
  const row = await db
    .selectFrom('blobs')
    .select('unreferenced_at')
    .where('unreferenced_at', 'is not', null)
    .orderBy('unreferenced_at')
    .limit(1)
    .executeTakeFirst()
  return row?.unreferenced_at ?? undefined
}

/** Which of these ids have a row. */
export async function filterKnownBlobs(db: Queryable, ids: string[]): Promise<Set<string>> {
  const rows = await db.selectFrom('blobs').select('id').where('id', 'in', ids).execute()
  return new Set(rows.map(row => row.id))
}

/** Sorted by id, a slice at a time: for going through all of them. */
export async function listBlobsAfter(
  db: Queryable,
  after: string,
  limit: number,
): Promise<Array<BlobRow & { isDamaged: boolean }>> {
  const rows = await db.selectFrom('blobs').selectAll().where('id', '>', after).orderBy('id').limit(limit).execute()
  return rows.map(row => ({ ...toBlob(row), isDamaged: row.damaged_at !== null }))
}

/** How many blobs there are, and their bytes. */
export async function measureBlobs(db: Queryable): Promise<{ blobs: number; bytes: number }> {
  const row = await db
    .selectFrom('blobs')
    .select(eb => [
      eb.fn.countAll<number>().as('count'),
      eb.fn.coalesce(eb.fn.sum<number>('size'), eb.lit(0)).as('bytes'),
    ])
    .executeTakeFirstOrThrow()
  return { blobs: Number(row.count), bytes: Number(row.bytes) }
}

export async function markBlobVerified(db: Queryable, id: string, at: number): Promise<void> {
  await db.updateTable('blobs').set({ verified_at: at }).where('id', '=', id).execute()
}

/** Takes a mark of damage back: the bytes were found to be right again. Where an intact copy has come meanwhile, that one stays. */
export async function markBlobIntact(db: Queryable, blob: BlobRow): Promise<void> {
  await db
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

export async function markBlobDamaged(db: Queryable, id: string, at: number): Promise<void> {
  await db.updateTable('blobs').set({ damaged_at: at }).where('id', '=', id).where('damaged_at', 'is', null).execute()
}

/** The files that stand on a blob, with the names a person knows them by. What has been deleted is left out. */
export async function listBlobUses(
  db: Queryable,
  id: string,
): Promise<Array<{ modelId: string; modelName: string; version: number; path: string }>> {
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
    .execute()
}

/** The bytes a team has stored. The same bytes count once. */
export async function sumBlobSizes(db: Queryable, teamId: string): Promise<number> {
  const row = await db
    .selectFrom('blobs')
    .select(eb => eb.fn.coalesce(eb.fn.sum<number>('size'), eb.lit(0)).as('bytes'))
    .where('team_id', '=', teamId)
    .executeTakeFirstOrThrow()
  return Number(row.bytes)
}

function toBlob(row: {
  id: string
  team_id: string
  storage_provider_id: string
  size: number
  sha256: string
}): BlobRow {
  return {
    id: row.id,
    teamId: row.team_id,
    storageProviderId: row.storage_provider_id,
    size: row.size,
    sha256: row.sha256,
  }
}
