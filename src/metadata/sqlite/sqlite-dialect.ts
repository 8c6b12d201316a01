/**
 * Search on SQLite: an FTS5 index of trigrams, which finds any part of three characters or more. Its row id is the team's number and the
 * model's number in one integer, so that one team's models are one range of it, in the order in which lists show them.
 */
import { sql } from 'kysely'
import type { Slice } from '../../domain/paging.ts'
import type { Reader } from '../database.ts'
import { type Dialect, type Found, type TextSearch, trigramsOf } from '../dialect.ts'
import { sortPositions } from '../slices.ts'
import { changeSearchIndex, createSearchIndex, findWaiting, isBetween, MODEL_BITS, type Range } from './search-index.ts'
import { sqliteCatalog } from './sqlite-catalog.ts'

/**
 * How many models that have all trigrams of a part one search looks at. Where the index knows each trigram in each model, a search that went
 * on to the first hit would stop the process for as long as a million models take.
 */
const CANDIDATES_MAX = 1000

export const sqliteDialect: Dialect = {
  ...sqliteCatalog,

  async lockName() {},

  createSearchIndex,
  indexModel: (trx, { id, searchText }) => changeSearchIndex(trx, id, searchText),
  unindexModel: (trx, id) => changeSearchIndex(trx, id, null),

  contains: (text, part) => sql<boolean>`instr(${text}, ${part}) > 0`,

  async searchModels(db, search, slice) {
    // No text has a NUL, and FTS5 would take it for the end.
    if (search.part.includes('\0')) return { positions: [], next: undefined }
    const range = await findRange(db, search.teamId, slice)
    const waiting = await findWaiting(db, { ...range, part: search.part }, slice)
    const indexed = await searchIndex(db, { ...range, part: search.part }, slice)
    return merge(indexed, waiting.map(toSeq), slice)
  },
}

const SEQ_END = 2 ** MODEL_BITS

async function findRange(db: Reader, teamId: string, { after, order }: Slice<number>): Promise<Range> {
  const team = await db.selectFrom('teams').select('seq').where('id', '=', teamId).executeTakeFirst()
  const first = (team?.seq ?? 0) * SEQ_END
  if (after === undefined) return { low: first, high: first + SEQ_END - 1 }
  return order === 'asc'
    ? { low: first + after + 1, high: first + SEQ_END - 1 }
    : { low: first, high: first + after - 1 }
}

const toSeq = (rowId: number) => rowId % SEQ_END

/** What the index has may be older than the model's row, so each candidate is looked at. */
async function searchIndex(
  db: Reader,
  { part, low, high }: Range & Pick<TextSearch, 'part'>,
  { limit, order }: Slice<number>,
): Promise<Found> {
  // In quotes: each is a text, whatever it means to FTS5. A quote in it is written twice.
  const trigrams = trigramsOf(part).map(trigram => `"${trigram.replaceAll('"', '""')}"`)
  for (let count = limit; ; count = Math.min(count * 4, CANDIDATES_MAX)) {
    // Each trigram costs, the more so the larger the registry. One is enough where many models have the part.
    const wanted = count === limit ? trigrams.slice(0, 1) : trigrams
    const { rows } = await sql<{ seq: number; is_hit: number }>`select seq, instr(search_text, ${part}) > 0 as is_hit
      from (select rowid & ${sql.lit(SEQ_END - 1)} as candidate from models_search
        where models_search match ${wanted.join(' ')} and ${isBetween(sql`rowid`, { low, high })}
        order by rowid ${sql.raw(order)} limit ${count})
      cross join models on models.seq = candidate`.execute(db)
    const positions = rows.filter(row => row.is_hit === 1).map(row => row.seq)
    if (positions.length >= limit) return { positions: positions.slice(0, limit), next: positions[limit - 1] }
    if (rows.length < count) return { positions, next: undefined }
    if (count >= CANDIDATES_MAX) return { positions, next: rows.at(-1)?.seq }
  }
}

/** Hits of the index together with those that wait for it, as far as the index was looked through. */
function merge({ positions, next }: Found, waiting: number[], { limit, order }: Slice<number>): Found {
  if (waiting.length === 0) return { positions, next }
  const seen = waiting.filter(seq => next === undefined || (order === 'asc' ? seq <= next : seq >= next))
  const all = sortPositions([...new Set([...positions, ...seen])], order)
  return all.length < limit ? { positions: all, next } : { positions: all.slice(0, limit), next: all[limit - 1] }
}
