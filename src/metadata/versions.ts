import type { Selectable } from 'kysely'
import type { Rows, Slice } from '../domain/paging.ts'
import type { Version } from '../domain/version.ts'
import type { Reader, Transaction } from './database.ts'
import { prepare } from './prepared.ts'
import type { VersionsTable } from './schema.ts'
import { inSlice, toRows } from './slices.ts'
import { deleteVersionTags, insertVersionTags } from './version-tags.ts'

type VersionRow = Selectable<VersionsTable>

const findRow = prepare((db, args: { modelId: string; number: number }) =>
  db
    .selectFrom('versions')
    .selectAll()
    .where('model_id', '=', args.modelId)
    .where('number', '=', args.number)
    .where('deleted_at', 'is', null),
)

const findLatestRow = prepare((db, args: { modelId: string }) =>
  db
    .selectFrom('versions')
    .selectAll()
    .where('model_id', '=', args.modelId)
    .where('committed_at', 'is not', null)
    .where('deleted_at', 'is', null)
    .orderBy('number', 'desc')
    .limit(1),
)

const findRowByAlias = prepare((db, args: { modelId: string; alias: string }) =>
  db
    .selectFrom('aliases')
    .innerJoin('versions', join =>
      join.onRef('versions.model_id', '=', 'aliases.model_id').onRef('versions.number', '=', 'aliases.number'),
    )
    .selectAll('versions')
    .where('aliases.model_id', '=', args.modelId)
    .where('aliases.name', '=', args.alias)
    .where('versions.deleted_at', 'is', null),
)

export async function findVersion(db: Reader, modelId: string, number: number): Promise<Version | undefined> {
  const [row] = await findRow(db, { modelId, number })
  return row && toVersion(row)
}

/** The newest committed version. */
export async function findLatestVersion(db: Reader, modelId: string): Promise<Version | undefined> {
  const [row] = await findLatestRow(db, { modelId })
  return row && toVersion(row)
}

export async function findVersionByAlias(db: Reader, modelId: string, alias: string): Promise<Version | undefined> {
  const [row] = await findRowByAlias(db, { modelId, alias })
  return row && toVersion(row)
}

export interface VersionFilter {
  modelId: string
  committedOnly: boolean
  tag?: string | undefined
}

/** In order of their numbers, which is the order of their creation. */
export async function listVersions(
  db: Reader,
  filter: VersionFilter,
  slice: Slice<number>,
): Promise<Rows<Version, number>> {
  let versions = db
    .selectFrom('versions')
    .where('versions.model_id', '=', filter.modelId)
    .where('deleted_at', 'is', null)
  if (filter.committedOnly) versions = versions.where('committed_at', 'is not', null)
  const { tag } = filter
  if (tag === undefined) {
    const query = inSlice(versions.selectAll('versions'), 'versions.number', slice)
    return toRows(await query.execute(), slice.limit, toVersion, row => row.number)
  }
  // In the order of the index of tags, so that a page costs the same however many versions lack the tag.
  const tagged = versions
    .innerJoin('version_tags', join =>
      join
        .onRef('version_tags.model_id', '=', 'versions.model_id')
        .onRef('version_tags.number', '=', 'versions.number'),
    )
    .where('version_tags.model_id', '=', filter.modelId)
    .where('version_tags.tag', '=', tag)
    .selectAll('versions')
  let query = inSlice(tagged, 'version_tags.number', slice)
  // Said of both tables: a planner that walks through both in step begins at the position in both.
  if (slice.after !== undefined) query = query.where('versions.number', slice.order === 'asc' ? '>' : '<', slice.after)
  return toRows(await query.execute(), slice.limit, toVersion, row => row.number)
}

export async function insertVersion(trx: Transaction, version: Version): Promise<void> {
  await trx.insertInto('versions').values(toRow(version)).execute()
  await insertVersionTags(trx, version)
}

/** Writes the fields that a person may edit. */
export async function updateVersionNotes(trx: Transaction, version: Version): Promise<void> {
  const { message, metadata, tags, modified_at } = toRow(version)
  await trx
    .updateTable('versions')
    .set({ message, metadata, tags, modified_at })
    .where('model_id', '=', version.modelId)
    .where('number', '=', version.number)
    .execute()
  await deleteVersionTags(trx, version.modelId, version.number)
  await insertVersionTags(trx, version)
}

/** Commits a draft; a committed version stays as it is. */
export async function markVersionCommitted(
  trx: Transaction,
  version: Version,
  { committedAt, digest }: { committedAt: number; digest: string },
): Promise<void> {
  await trx
    .updateTable('versions')
    .set({ committed_at: committedAt, modified_at: committedAt, digest })
    .where('model_id', '=', version.modelId)
    .where('number', '=', version.number)
    .where('committed_at', 'is', null)
    .execute()
}

/** Adds to a draft's counters. Answers false, and changes nothing, when the version is no longer a draft. */
export async function countDraftChange(
  trx: Transaction,
  version: { modelId: string; number: number },
  change: { files: number; bytes: number; at: number },
): Promise<boolean> {
  const row = await trx
    .updateTable('versions')
    .set(eb => ({
      file_count: eb('file_count', '+', change.files),
      usage_bytes: eb('usage_bytes', '+', change.bytes),
      modified_at: change.at,
      revision: eb('revision', '+', 1),
    }))
    .where('model_id', '=', version.modelId)
    .where('number', '=', version.number)
    .where('committed_at', 'is', null)
    .where('deleted_at', 'is', null)
    .returning('number')
    .executeTakeFirst()
  return row !== undefined
}

export async function markVersionDeleted(
  trx: Transaction,
  modelId: string,
  number: number,
  deletedAt: number,
): Promise<void> {
  await trx
    .updateTable('versions')
    .set({ deleted_at: deletedAt })
    .where('model_id', '=', modelId)
    .where('number', '=', number)
    .execute()
}

/** Removes the row for good. Its files must be gone. */
export async function deleteVersionRow(trx: Transaction, modelId: string, number: number): Promise<void> {
  await trx.deleteFrom('versions').where('model_id', '=', modelId).where('number', '=', number).execute()
}

/** Version numbers of a model, deleted ones too, a few at a time. */
export async function listAllVersionNumbers(db: Reader, modelId: string, limit: number): Promise<number[]> {
  const rows = await db.selectFrom('versions').select('number').where('model_id', '=', modelId).limit(limit).execute()
  return rows.map(row => row.number)
}

function toRow(version: Version) {
  return {
    model_id: version.modelId,
    number: version.number,
    user_id: version.userId,
    message: version.message,
    metadata: version.metadata && JSON.stringify(version.metadata),
    tags: JSON.stringify(version.tags),
    created_at: version.createdAt,
    modified_at: version.modifiedAt,
    committed_at: version.committedAt,
    digest: version.digest,
    file_count: version.fileCount,
    usage_bytes: version.usageBytes,
    revision: version.revision,
  }
}

function toVersion(row: VersionRow): Version {
  return {
    modelId: row.model_id,
    number: row.number,
    userId: row.user_id,
    message: row.message,
    metadata: row.metadata === null ? null : JSON.parse(row.metadata),
    tags: JSON.parse(row.tags),
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
    committedAt: row.committed_at,
    digest: row.digest,
    fileCount: row.file_count,
    usageBytes: row.usage_bytes,
    revision: row.revision,
  }
}
