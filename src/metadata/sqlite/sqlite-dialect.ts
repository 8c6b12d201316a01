/**
 * Search on SQLite: an FTS5 index of trigrams, which finds any part of three characters or more. Its row id is the team's number and the
 * model's number in one integer, so that one team's models are one range of it, in the order in which lists show them.
 */
import { sql } from 'kysely'
import { type Dialect, trigramsOf } from '../dialect.ts'
import { changeSearchIndex } from './search-index.ts'
import { sqliteCatalog } from './sqlite-catalog.ts'

/**
 * How many models that have all trigrams of a part one search looks at. Where the index knows each trigram in each model, a search that went
 * on to the first hit would stop the process for as long as a million models take.
 */
const CANDIDATES_MAX = 1000

export const sqliteDialect: Dialect = {
  ...sqliteCatalog,

  async lockName() {},

  async createSearchIndex(trx) {
    // Without the places of the trigrams in the texts it is a fifth of the size and several times as fast to write.
    await sql`create virtual table models_search using fts5(search_text, content='', contentless_delete=1, detail=none,
      tokenize='trigram case_sensitive 1')`.execute(trx)
    // A search reads a page of each part of the index for each trigram: a quarter of the usual size is read in less than half the time.
    await sql`insert into models_search (models_search, rank) values ('pgsz', 1000)`.execute(trx)
  },

  indexModel: (trx, { id, searchText }) => changeSearchIndex(trx, id, searchText),
  unindexModel: (trx, id) => changeSearchIndex(trx, id, undefined),

  contains: (text, part) => sql<boolean>`instr(${text}, ${part}) > 0`,

  async searchModels(db, { teamId, part }, { after, limit, order }) {
    // No text has a NUL, and FTS5 would take it for the end.
    if (part.includes('\0')) return { positions: [], next: undefined }
    // In quotes: each is a text, whatever it means to FTS5. A quote in it is written twice.
    const trigrams = trigramsOf(part).map(trigram => `"${trigram.replaceAll('"', '""')}"`)
    const team = sql`(select seq from teams where teams.id = ${teamId})`
    const [low, high] = order === 'asc' ? [(after ?? -1) + 1, 2 ** 40 - 1] : [0, (after ?? 2 ** 40) - 1]
    for (let count = limit; ; count = Math.min(count * 4, CANDIDATES_MAX)) {
      // Each trigram costs, the more so the larger the registry. Two are enough where many models have the part.
      const wanted = count === limit ? [trigrams[0], trigrams.at(-1)] : trigrams
      const { rows } = await sql<{
        seq: number
        is_hit: number
      }>`select models.seq, instr(search_text, ${part}) > 0 as is_hit
        from (select rowid & ${2 ** 40 - 1} as candidate from models_search
          where models_search match ${wanted.join(' ')}
            and rowid between ${team} << 40 | ${low} and ${team} << 40 | ${high}
          order by rowid ${sql.raw(order)} limit ${count})
        cross join models on models.seq = candidate`.execute(db)
      const positions = rows.filter(row => row.is_hit === 1).map(row => row.seq)
      if (positions.length >= limit) return { positions: positions.slice(0, limit), next: positions[limit - 1] }
      if (rows.length < count) return { positions, next: undefined }
      if (count >= CANDIDATES_MAX) return { positions, next: rows.at(-1)?.seq }
    }
  },
}
