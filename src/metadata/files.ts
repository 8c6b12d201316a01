import type { StoredFile } from '../domain/file.ts'
import { pathKey } from '../domain/file-path.ts'
import type { Rows, Slice } from '../domain/paging.ts'
import type { Reader, Transaction } from './database.ts'
import { prepare } from './prepared.ts'
import { inSlice, toRows } from './slices.ts'

/** Which version, and where its rows are. */
export interface VersionKey {
  modelId: string
  number: number
}

function selectFiles(db: Reader) {
  return db
    .selectFrom('files')
    .innerJoin('blobs', 'blobs.id', 'files.blob_id')
    .select([
      'files.path',
      'files.content_type',
      'files.created_at',
      'blobs.id as blob_id',
      'blobs.storage_provider_id',
      'blobs.size',
      'blobs.sha256',
      'blobs.verified_at',
      'blobs.damaged_at',
    ])
}

type FileRow = Awaited<ReturnType<ReturnType<typeof selectFiles>['execute']>>[number]

const findRow = prepare((db, args: { modelId: string; number: number; path: string }) =>
  selectFiles(db)
    .where('files.model_id', '=', args.modelId)
    .where('files.number', '=', args.number)
    .where('files.path', '=', args.path),
)

export async function findFile(db: Reader, version: VersionKey, path: string): Promise<StoredFile | undefined> {
  const [row] = await findRow(db, { modelId: version.modelId, number: version.number, path })
  return row && toFile(row)
}

/** Sorted by the bytes of the path. */
export async function listFiles(
  db: Reader,
  version: VersionKey,
  slice: Slice<string>,
): Promise<Rows<StoredFile, string>> {
  const query = inSlice(
    selectFiles(db).where('files.model_id', '=', version.modelId).where('files.number', '=', version.number),
    'files.path',
    slice,
  )
  return toRows(await query.execute(), slice.limit, toFile, row => row.path)
}

export type FileSize = Pick<StoredFile, 'path' | 'size'>

/** The same with nothing but paths and sizes. */
export async function listFileSizes(
  db: Reader,
  version: VersionKey,
  slice: Slice<string>,
): Promise<Rows<FileSize, string>> {
  const query = db
    .selectFrom('files')
    .innerJoin('blobs', 'blobs.id', 'files.blob_id')
    .select(['files.path', 'blobs.size'])
    .where('files.model_id', '=', version.modelId)
    .where('files.number', '=', version.number)
  return toRows(
    await inSlice(query, 'files.path', slice).execute(),
    slice.limit,
    row => row,
    row => row.path,
  )
}

/** A file that `path` can't stand beside: the same but for case, one of its folders as a file, or a file inside it. */
export async function findClashingPath(
  db: Reader,
  version: VersionKey,
  path: { path: string; key: string; folderKeys: string[] },
): Promise<string | undefined> {
  const row = await db
    .selectFrom('files')
    .select('path')
    .where('model_id', '=', version.modelId)
    .where('number', '=', version.number)
    .where('path', '!=', path.path)
    .where(eb =>
      eb.or([
        eb('path_key', 'in', [path.key, ...path.folderKeys]),
        // Everything below "a/" sorts from "a/" up to "a0", since "0" is the character after "/".
        eb.and([eb('path_key', '>=', `${path.key}/`), eb('path_key', '<', `${path.key}0`)]),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  return row?.path
}

export interface NewFile {
  path: string
  key: string
  blobId: string
  contentType: string
  createdAt: number
}

/** Adds the file, or puts it in the place of the one at the same path. */
export async function upsertFile(trx: Transaction, version: VersionKey, file: NewFile): Promise<void> {
  const content = { blob_id: file.blobId, content_type: file.contentType, created_at: file.createdAt }
  await trx
    .insertInto('files')
    .values({ model_id: version.modelId, number: version.number, path: file.path, path_key: file.key, ...content })
    .onConflict(conflict => conflict.columns(['model_id', 'number', 'path']).doUpdateSet(content))
    .execute()
}

/** Adds files that clash with none. Their number has to be bounded. */
export async function insertFiles(
  trx: Transaction,
  version: VersionKey,
  files: ReadonlyArray<Omit<NewFile, 'key'>>,
): Promise<void> {
  const rows = files.map(({ path, blobId, contentType, createdAt }) => ({
    model_id: version.modelId,
    number: version.number,
    path,
    path_key: pathKey(path),
    blob_id: blobId,
    content_type: contentType,
    created_at: createdAt,
  }))
  await trx.insertInto('files').values(rows).execute()
}

/** The last path by its bytes. */
export async function findLastPath(db: Reader, version: VersionKey): Promise<string | undefined> {
  const row = await db
    .selectFrom('files')
    .select('path')
    .where('model_id', '=', version.modelId)
    .where('number', '=', version.number)
    .orderBy('path', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.path
}

export async function deleteFileRow(trx: Transaction, version: VersionKey, path: string): Promise<void> {
  await trx
    .deleteFrom('files')
    .where('model_id', '=', version.modelId)
    .where('number', '=', version.number)
    .where('path', '=', path)
    .execute()
}

/**
 * Removes up to `limit` files of a version that gets no more of them, and answers the blobs they referred to. As one statement with a subquery
 * it would take the square of their number where PostgreSQL doesn't know yet that there are many.
 */
export async function deleteSomeFiles(trx: Transaction, version: VersionKey, limit: number): Promise<string[]> {
  const last = await trx
    .selectFrom('files')
    .select('path')
    .where('model_id', '=', version.modelId)
    .where('number', '=', version.number)
    .orderBy('path')
    .offset(limit - 1)
    .limit(1)
    .executeTakeFirst()
  let query = trx.deleteFrom('files').where('model_id', '=', version.modelId).where('number', '=', version.number)
  if (last) query = query.where('path', '<=', last.path)
  const rows = await query.returning('blob_id').execute()
  return rows.map(row => row.blob_id)
}

function toFile(row: FileRow): StoredFile {
  return {
    path: row.path,
    size: row.size,
    sha256: row.sha256,
    contentType: row.content_type,
    createdAt: row.created_at,
    verifiedAt: row.verified_at,
    blob: { id: row.blob_id, storageProviderId: row.storage_provider_id, isDamaged: row.damaged_at !== null },
  }
}
