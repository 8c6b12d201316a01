/**
 * Search on SQLite: an FTS5 index of trigrams, which finds any part of three characters or more. Its row id is the team's number and the
 * model's number in one integer, so that one team's models are one range of it, in the order in which lists show them.
 */
import { sql } from 'kysely'
import type { Dialect } from '../dialect.ts'
import { sqliteCatalog } from './sqlite-catalog.ts'

/** A model's number stays below 2^40; a team's has the bits above it. */
const ROW_ID = sql`(select seq from teams where teams.id = models.team_id) << 40 | models.seq`

export const sqliteDialect: Dialect = {
  ...sqliteCatalog,

  async createSearchIndex(trx) {
    await sql`create virtual table models_search using fts5(
      search_text, content='', contentless_delete=1, tokenize='trigram case_sensitive 1')`.execute(trx)
  },

  async indexModel(trx, { id, searchText }) {
    await sql`insert or replace into models_search (rowid, search_text)
      select ${ROW_ID}, ${searchText} from models where models.id = ${id}`.execute(trx)
  },

  async unindexModel(trx, id) {
    await sql`delete from models_search
      where rowid = (select ${ROW_ID} from models where models.id = ${id})`.execute(trx)
  },

  contains: (text, part) => sql<boolean>`instr(${text}, ${part}) > 0`,

  async searchModels(db, { teamId, part }, { after, limit, order }) {
    // The whole part as one phrase: a quote in it is written twice.
    const phrase = `"${part.replaceAll('"', '""')}"`
    const team = sql`(select seq from teams where teams.id = ${teamId})`
    const [low, high] = order === 'asc' ? [(after ?? -1) + 1, 2 ** 40 - 1] : [0, (after ?? 2 ** 40) - 1]
    const { rows } = await sql<{ seq: number }>`select rowid & ${2 ** 40 - 1} as seq from models_search
      where models_search match ${phrase} and rowid between ${team} << 40 | ${low} and ${team} << 40 | ${high}
      order by rowid ${sql.raw(order)} limit ${limit}`.execute(db)
    return rows.map(row => row.seq)
  },
}
