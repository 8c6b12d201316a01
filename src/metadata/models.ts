import { type Selectable, sql } from 'kysely'
import type { Model } from '../domain/model.ts'
import type { Rows, Slice } from '../domain/paging.ts'
import { foldText } from '../domain/text.ts'
import type { Reader, Transaction } from './database.ts'
import { dialectOf, SEARCH_INDEX_MIN } from './dialect.ts'
import { prepare } from './prepared.ts'
import type { ModelsTable } from './schema.ts'
import { inSlice, toRows } from './slices.ts'

type ModelRow = Selectable<ModelsTable>

const findRow = prepare((db, args: { id: string }) =>
  db.selectFrom('models').selectAll().where('id', '=', args.id).where('deleted_at', 'is', null),
)

export async function findModel(db: Reader, id: string): Promise<Model | undefined> {
  const [row] = await findRow(db, { id })
  return row && toModel(row)
}

/** The model's row, locked until the end of the transaction: for changes of the model, its versions and its aliases. */
export async function lockModel(trx: Transaction, id: string): Promise<Model | undefined> {
  const row = await selectModel(trx, id).forNoKeyUpdate().executeTakeFirst()
  return row && toModel(row)
}

/** The model's row, kept from being changed or deleted until the end of the transaction: for changes inside one of its versions. */
export async function shareModel(trx: Transaction, id: string): Promise<Model | undefined> {
  const row = await selectModel(trx, id).forShare().executeTakeFirst()
  return row && toModel(row)
}

function selectModel(trx: Transaction, id: string) {
  return trx.selectFrom('models').selectAll().where('id', '=', id).where('deleted_at', 'is', null)
}

export interface ModelFilter {
  teamId: string
  projectId?: string | undefined
  /** The whole name. */
  name?: string | undefined
  /** Only the model that the name belongs to. */
  ownsName?: boolean | undefined
  /** A part of the name or the description, folded. */
  search?: string | undefined
  /** A tag of one of its versions. */
  tag?: string | undefined
}

/** How many models one request looks through for a filter that no index answers. */
const SCAN_MAX = 20_000

/**
 * A page may have fewer rows than asked for, even none, although `next` says that there is more: where no index answers the whole filter,
 * each request looks through a bounded number of models, so that no search, however rare its hits, holds up everyone else.
 */
export async function listModels(db: Reader, filter: ModelFilter, slice: Slice<number>): Promise<Rows<Model, number>> {
  if (filter.search !== undefined) return await searchModels(db, filter, filter.search, slice)
  const query = inSlice(selectModels(db, filter).selectAll('models'), positionOf(filter), slice)
  return toRows(await query.execute(), slice.limit, toModel, row => row.seq)
}

/** Models by all filters but the search, in an order that an index has. */
function selectModels(db: Reader, { teamId, projectId, name, ownsName, tag }: ModelFilter) {
  let query = db.selectFrom('models').where('models.team_id', '=', teamId).where('models.deleted_at', 'is', null)
  if (projectId !== undefined) query = query.where('models.project_id', '=', projectId)
  if (name !== undefined) query = query.where('models.name', '=', name)
  if (ownsName === true) query = query.whereRef('models.owned_name', '=', 'models.name')
  if (tag === undefined) return query
  return query.innerJoin('model_tags', join =>
    join
      .onRef('model_tags.model_seq', '=', 'models.seq')
      .on('model_tags.team_id', '=', teamId)
      .on('model_tags.tag', '=', tag),
  ) as typeof query
}

function positionOf(filter: ModelFilter): string {
  return filter.tag === undefined ? 'models.seq' : 'model_tags.model_seq'
}

async function searchModels(
  db: Reader,
  filter: ModelFilter,
  part: string,
  slice: Slice<number>,
): Promise<Rows<Model, number>> {
  const isIndexed = [...part].length >= SEARCH_INDEX_MIN
  // With further filters the hits of the search are looked through, a bounded number of them.
  const isOnlyFilter = [filter.projectId, filter.name, filter.ownsName, filter.tag].every(value => value === undefined)
  const limit = isOnlyFilter ? slice.limit + 1 : SEARCH_HITS_MAX
  const found = isIndexed
    ? await dialectOf(db).searchModels(db, { teamId: filter.teamId, part }, { ...slice, limit })
    : undefined
  if (found === undefined) return await scanModels(db, filter, part, slice)
  if (found.length === 0) return { items: [], next: undefined }
  const query = inSlice(selectModels(db, filter).selectAll('models'), 'models.seq', slice)
  const rows = await query.where('models.seq', 'in', found).execute()
  const page = toRows(rows, slice.limit, toModel, row => row.seq)
  return { ...page, next: page.next ?? (found.length === limit ? found.at(-1) : undefined) }
}

/** How many hits of a search one request looks through for its other filters. */
const SEARCH_HITS_MAX = 500

async function scanModels(
  db: Reader,
  filter: ModelFilter,
  part: string,
  slice: Slice<number>,
): Promise<Rows<Model, number>> {
  const window = inSlice(selectModels(db, filter).select('models.seq'), 'models.seq', { ...slice, limit: 0 })
  const end = await window.offset(SCAN_MAX).executeTakeFirst()
  let query = inSlice(selectModels(db, filter).selectAll('models'), 'models.seq', slice)
  query = query.where(dialectOf(db).contains(sql.ref('models.search_text'), part))
  if (end !== undefined) query = query.where('models.seq', slice.order === 'asc' ? '<=' : '>=', end.seq)
  const page = toRows(await query.execute(), slice.limit, toModel, row => row.seq)
  return { ...page, next: page.next ?? end?.seq }
}

const insertRow = prepare((trx: Transaction, model: ReturnType<typeof toRow> & { ownedName: string | null }) =>
  trx
    .insertInto('models')
    .values({
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
      owned_name: model.ownedName,
      search_text: model.searchText,
    })
    .onConflict(conflict => conflict.doNothing())
    .returning('id'),
)

/** Adds a model. The name becomes its own unless it belongs to another: then the answer is false, and the model is added as a namesake. */
export async function insertModel(trx: Transaction, model: Model): Promise<boolean> {
  const row = toRow(model)
  const [owner] = await insertRow(trx, { ...row, ownedName: model.name })
  if (!owner) await insertRow(trx, { ...row, ownedName: null })
  await dialectOf(trx).indexModel(trx, { id: model.id, searchText: row.searchText })
  return owner !== undefined
}

/** The model that a name belongs to. */
export async function findNameOwner(db: Reader, teamId: string, name: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('models')
    .select('id')
    .where('team_id', '=', teamId)
    .where('owned_name', '=', name)
    .executeTakeFirst()
  return row?.id
}

/**
 * Makes a model's name its own, unless it belongs to another. Answers the other one.
 * Two that claim a free name at the same moment meet at the unique index: then the database runs one of them again.
 */
export async function claimName(trx: Transaction, { id, teamId, name }: Model): Promise<string | undefined> {
  const owner = await findNameOwner(trx, teamId, name)
  const isTaken = owner !== undefined && owner !== id
  await trx
    .updateTable('models')
    .set({ owned_name: isTaken ? null : name })
    .where('id', '=', id)
    .execute()
  return isTaken ? owner : undefined
}

/** Writes the fields that an update may change. */
export async function updateModel(trx: Transaction, model: Model): Promise<void> {
  const { searchText } = toRow(model)
  await trx
    .updateTable('models')
    .set({
      name: model.name,
      description: model.description,
      is_public: model.isPublic ? 1 : 0,
      project_id: model.projectId,
      modified_at: model.modifiedAt,
      search_text: searchText,
    })
    .where('id', '=', model.id)
    .execute()
  await dialectOf(trx).indexModel(trx, { id: model.id, searchText })
}

/** Frees its name, too. */
export async function markModelDeleted(trx: Transaction, id: string, deletedAt: number): Promise<void> {
  await dialectOf(trx).unindexModel(trx, id)
  await trx
    .updateTable('models')
    .set({ deleted_at: deletedAt, project_id: null, owned_name: null })
    .where('id', '=', id)
    .execute()
}

/** Removes up to `limit` of the tags that find a deleted model, and answers how many there were. See `deleteSomeFiles`. */
export async function deleteSomeModelTags(trx: Transaction, modelId: string, limit: number): Promise<number> {
  const ofModel = trx.selectFrom('model_tags').select('tag').where('model_id', '=', modelId)
  const last = await ofModel
    .orderBy('tag')
    .offset(limit - 1)
    .limit(1)
    .executeTakeFirst()
  let query = trx.deleteFrom('model_tags').where('model_id', '=', modelId)
  if (last) query = query.where('tag', '<=', last.tag)
  return (await query.returning('tag').execute()).length
}

/** Removes the row for good. Its versions and tags must be gone. */
export async function deleteModelRow(trx: Transaction, id: string): Promise<void> {
  await trx.deleteFrom('models').where('id', '=', id).where('deleted_at', 'is not', null).execute()
}

/** Counts up and answers the model's next version number. The counter never goes back, so a number is never given out twice. */
export async function takeVersionNumber(trx: Transaction, modelId: string): Promise<number> {
  const row = await trx
    .updateTable('models')
    .set(eb => ({ last_version: eb('last_version', '+', 1) }))
    .where('id', '=', modelId)
    .returning('last_version')
    .executeTakeFirstOrThrow()
  return row.last_version
}

function toRow(model: Model) {
  const searchText = foldText(`${model.name}\n${model.description ?? ''}`)
  return { ...model, isPublic: model.isPublic ? 1 : 0, searchText }
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
