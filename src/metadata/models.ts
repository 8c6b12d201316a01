import { type Selectable, sql } from 'kysely'
import type { Model } from '../domain/model.ts'
import type { Rows, Slice } from '../domain/paging.ts'
import { foldText } from '../domain/text.ts'
import type { Reader, Transaction } from './database.ts'
import { dialectOf, type Found, SEARCH_INDEX_MIN } from './dialect.ts'
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

/**
 * The model's row, locked until the end of the transaction: for changes of the model, its versions with their files, and its aliases. Not shared among
 * those that change files: PostgreSQL lets sharers pass those that wait for the whole lock, so a long push would keep everyone else waiting.
 */
export async function lockModel(trx: Transaction, id: string): Promise<Model | undefined> {
  const row = await trx
    .selectFrom('models')
    .selectAll()
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row && toModel(row)
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

/**
 * A page may have fewer rows than asked for, even none, although `next` says that there is more: where no index answers the whole filter,
 * each request looks through a bounded number of models, so that no search, however rare its hits, holds up everyone else.
 */
export async function listModels(db: Reader, filter: ModelFilter, slice: Slice<number>): Promise<Rows<Model, number>> {
  const { search, tag } = filter
  if (search !== undefined && [...search].length >= SEARCH_INDEX_MIN) {
    const limit = hitsOf(filter, ['search'], slice)
    const found = await dialectOf(db).searchModels(db, { teamId: filter.teamId, part: search }, { ...slice, limit })
    if (found !== undefined) return await listFound(db, { ...filter, search: undefined }, found, slice)
  }
  if (tag !== undefined) {
    const limit = hitsOf(filter, ['tag'], slice)
    const found = await findTagged(db, { teamId: filter.teamId, tag }, { ...slice, limit })
    return await listFound(db, { ...filter, tag: undefined }, found, slice)
  }
  if (search !== undefined) return await scanModels(db, filter, search, slice)
  const query = inSlice(selectModels(db, filter).selectAll('models'), 'models.seq', slice)
  return toRows(await query.execute(), slice.limit, toModel, row => row.seq)
}

/** How many hits of an index one request looks through for further filters. */
const HITS_MAX = 500

/** How many hits of an index a page needs: no more than its rows, where the index answers the whole filter. */
function hitsOf(filter: ModelFilter, answered: Array<keyof ModelFilter>, slice: Slice<number>): number {
  const others = (['search', 'tag', 'projectId', 'name', 'ownsName'] as const).filter(key => !answered.includes(key))
  return others.every(key => filter[key] === undefined) ? slice.limit + 1 : HITS_MAX
}

/**
 * The tags alone, in their own order: joined with the models, a planner that sees many models of the tag ahead may walk through all models
 * up to the position.
 */
async function findTagged(db: Reader, tagged: { teamId: string; tag: string }, slice: Slice<number>): Promise<Found> {
  const tags = db
    .selectFrom('model_tags')
    .select('model_seq')
    .where('team_id', '=', tagged.teamId)
    .where('tag', '=', tagged.tag)
  const rows = await inSlice(tags, 'model_seq', { ...slice, limit: slice.limit - 1 }).execute()
  const positions = rows.map(row => row.model_seq)
  return { positions, next: positions.length === slice.limit ? positions.at(-1) : undefined }
}

/** The models at the positions that an index has found, by the rest of the filter. */
async function listFound(
  db: Reader,
  filter: ModelFilter,
  { positions, next }: Found,
  slice: Slice<number>,
): Promise<Rows<Model, number>> {
  if (positions.length === 0) return { items: [], next }
  let query = selectModels(db, filter).selectAll('models').where('models.seq', 'in', positions)
  if (filter.search !== undefined)
    query = query.where(dialectOf(db).contains(sql.ref('models.search_text'), filter.search))
  const rows = await inSlice(query, 'models.seq', slice).execute()
  const page = toRows(rows, slice.limit, toModel, row => row.seq)
  return { ...page, next: page.next ?? next }
}

/** Models by all filters but the search, in an order that an index has. */
function selectModels(db: Reader, { teamId, projectId, name, ownsName, tag }: ModelFilter) {
  let query = db.selectFrom('models').where('models.team_id', '=', teamId).where('models.deleted_at', 'is', null)
  if (projectId !== undefined) query = query.where('models.project_id', '=', projectId)
  if (name !== undefined) query = query.where('models.name', '=', name)
  if (ownsName === true) query = query.whereRef('models.owned_name', '=', 'models.name')
  if (tag === undefined) return query
  return query.where(({ exists, selectFrom }) =>
    exists(
      selectFrom('model_tags')
        .select('tag')
        .whereRef('model_tags.model_seq', '=', 'models.seq')
        .where('model_tags.team_id', '=', teamId)
        .where('model_tags.tag', '=', tag),
    ),
  )
}

/** How many models one request looks through for a part that no index answers. First a few: enough for a page where many have it. */
const SCANS = [500, 20_000]

async function scanModels(
  db: Reader,
  filter: ModelFilter,
  part: string,
  slice: Slice<number>,
): Promise<Rows<Model, number>> {
  let page: Rows<Model, number> = { items: [], next: undefined }
  for (const count of SCANS) {
    const window = inSlice(selectModels(db, filter).select('models.seq'), 'models.seq', { ...slice, limit: 0 })
    const end = await window.offset(count).executeTakeFirst()
    let query = inSlice(selectModels(db, filter).selectAll('models'), 'models.seq', slice)
    query = query.where(dialectOf(db).contains(sql.ref('models.search_text'), part))
    if (end !== undefined) query = query.where('models.seq', slice.order === 'asc' ? '<=' : '>=', end.seq)
    page = toRows(await query.execute(), slice.limit, toModel, row => row.seq)
    if (page.next !== undefined || end === undefined) return page
    page.next = end.seq
  }
  return page
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
