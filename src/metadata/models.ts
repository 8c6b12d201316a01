import { type Selectable, type SelectQueryBuilder, sql } from 'kysely'
import type { Model } from '../domain/model.ts'
import type { Rows, Slice } from '../domain/paging.ts'
import type { Queryable } from './database.ts'
import { prepare } from './prepared.ts'
import type { ModelsTable, Schema } from './schema.ts'
import { inSlice, toRows } from './slices.ts'

type ModelRow = Selectable<ModelsTable>

const findRow = prepare((db, args: { id: string }) =>
  db.selectFrom('models').selectAll().where('id', '=', args.id).where('deleted_at', 'is', null),
)

export async function findModel(db: Queryable, id: string): Promise<Model | undefined> {
  const [row] = await findRow(db, { id })
  return row && toModel(row)
}

export interface ModelFilter {
  teamId: string
  projectId?: string | undefined
  /** The whole name. */
  name?: string | undefined
  /** A part of the name or the description, whatever its case. */
  search?: string | undefined
  /** A tag of one of its versions. */
  tag?: string | undefined
}

/** How many models one request looks through for a filter that no index answers. */
const SCAN_MAX = 20_000

/**
 * With `search` or `tag` a page may have fewer rows than asked for, even none, although `next` says that there is more: each request
 * looks through a bounded number of models, so that no search, however rare its hits, holds up everyone else.
 */
export async function listModels(
  db: Queryable,
  filter: ModelFilter,
  slice: Slice<number>,
): Promise<Rows<Model, number>> {
  const indexed = selectIndexed(db, filter)
  if (filter.search === undefined && filter.tag === undefined) {
    const rows = await inSlice(indexed.selectAll(), 'seq', slice).execute()
    return toRows(rows, slice.limit, toModel, row => row.seq)
  }
  const window = inSlice(indexed.select('seq'), 'seq', { ...slice, limit: 0 })
  const end = await window.offset(SCAN_MAX).executeTakeFirst()
  let query = withScannedFilters(inSlice(indexed.selectAll(), 'seq', slice), filter)
  if (end !== undefined) query = query.where('seq', slice.order === 'asc' ? '<=' : '>=', end.seq)
  const page = toRows(await query.execute(), slice.limit, toModel, row => row.seq)
  return { ...page, next: page.next ?? end?.seq }
}

function selectIndexed(db: Queryable, filter: ModelFilter) {
  let query = db.selectFrom('models').where('team_id', '=', filter.teamId).where('deleted_at', 'is', null)
  if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId)
  if (filter.name !== undefined) query = query.where('name', '=', filter.name)
  return query
}

function withScannedFilters<Row>(query: SelectQueryBuilder<Schema, 'models', Row>, { search, tag }: ModelFilter) {
  let scanned = query
  if (search !== undefined) {
    // Not LIKE: on texts that almost match at every place it takes a hundred times as long, and everyone else waits meanwhile.
    const part = sql`lower(${search})`
    scanned = scanned.where(sql<boolean>`(instr(lower(name), ${part}) > 0 or instr(lower(description), ${part}) > 0)`)
  }
  if (tag === undefined) return scanned
  return scanned.where(({ exists, selectFrom }) =>
    exists(
      selectFrom('version_tags')
        .innerJoin('versions', join =>
          join
            .onRef('versions.model_id', '=', 'version_tags.model_id')
            .onRef('versions.number', '=', 'version_tags.number'),
        )
        .select('version_tags.tag')
        .whereRef('version_tags.model_id', '=', 'models.id')
        .where('version_tags.tag', '=', tag)
        .where('versions.deleted_at', 'is', null),
    ),
  )
}

const insertRow = prepare((db, model: Omit<Model, 'isPublic'> & { isPublic: number }) =>
  db.insertInto('models').values({
    id: model.id,
    team_id: model.teamId,
    name: model.name,
    description: model.description,
    is_public: model.isPublic,
    project_id: model.projectId,
    storage_provider_id: model.storageProviderId,
    created_at: model.createdAt,
    modified_at: model.modifiedAt,
    last_version: 0,
  }),
)

export async function insertModel(db: Queryable, model: Model): Promise<void> {
  await insertRow(db, { ...model, isPublic: model.isPublic ? 1 : 0 })
}

/** Writes the fields that an update may change. */
export async function updateModel(db: Queryable, model: Model): Promise<void> {
  await db
    .updateTable('models')
    .set({
      name: model.name,
      description: model.description,
      is_public: model.isPublic ? 1 : 0,
      project_id: model.projectId,
      modified_at: model.modifiedAt,
    })
    .where('id', '=', model.id)
    .execute()
}

export async function markModelDeleted(db: Queryable, id: string, deletedAt: number): Promise<void> {
  await db.updateTable('models').set({ deleted_at: deletedAt, project_id: null }).where('id', '=', id).execute()
}

/** Removes the row for good. Its versions must be gone. */
export async function deleteModelRow(db: Queryable, id: string): Promise<void> {
  await db.deleteFrom('models').where('id', '=', id).where('deleted_at', 'is not', null).execute()
}

/** Counts up and answers the model's next version number. The counter never goes back, so a number is never given out twice. */
export async function takeVersionNumber(db: Queryable, modelId: string): Promise<number> {
  const row = await db
    .updateTable('models')
    .set(eb => ({ last_version: eb('last_version', '+', 1) }))
    .where('id', '=', modelId)
    .returning('last_version')
    .executeTakeFirstOrThrow()
  return row.last_version
}

function toModel(row: ModelRow): Model {
  return {
    id: row.id,
    teamId: row.team_id,
    name: row.name,
    description: row.description,
    isPublic: row.is_public === 1,
    projectId: row.project_id,
    storageProviderId: row.storage_provider_id,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  }
}
