/** Lists of models, and searches in them. */
import { sql } from 'kysely'
import type { Model } from '../domain/model.ts'
import type { Rows, Slice } from '../domain/paging.ts'
import type { Reader } from './database.ts'
import { dialectOf, type Found, SEARCH_INDEX_MIN } from './dialect.ts'
import { toModel } from './models.ts'
import { inSlice, sortPositions, toRows } from './slices.ts'

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
  if (filter.name !== undefined) {
    const limit = hitsOf(filter, ['name', 'ownsName'], slice)
    const found = await findNamed(db, { ...filter, name: filter.name }, { ...slice, limit })
    return await listFound(db, { ...filter, name: undefined, ownsName: undefined }, found, slice)
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

/** The model that owns the name, and its namesakes: each has an index, so that a model is in one of them only. */
async function findNamed(
  db: Reader,
  { teamId, name, ownsName }: ModelFilter & { name: string },
  slice: Slice<number>,
): Promise<Found> {
  const models = db.selectFrom('models').select('seq').where('team_id', '=', teamId)
  const owner = inSlice(models.where('owned_name', '=', name), 'seq', slice)
  const namesakes = inSlice(
    models.where('name', '=', name).where('owned_name', 'is', null).where('deleted_at', 'is', null),
    'seq',
    slice,
  )
  const rows = [...(await owner.execute()), ...(ownsName === true ? [] : await namesakes.execute())]
  const positions = sortPositions(
    rows.map(row => row.seq),
    slice.order,
  ).slice(0, slice.limit)
  return { positions, next: positions.length === slice.limit ? positions.at(-1) : undefined }
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
