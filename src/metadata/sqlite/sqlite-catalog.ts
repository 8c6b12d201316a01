/** What SQLite knows about the tables themselves. */
import { sql } from 'kysely'
import type { Dialect } from '../dialect.ts'

export const sqliteCatalog: Pick<Dialect, 'listColumns' | 'readSequence' | 'moveSequence'> = {
  async listColumns(db) {
    // The search index is no table of ours: it is filled from the models.
    const { rows } = await sql<{ table: string; column: string }>`select list.name as "table", info.name as "column"
      from pragma_table_list list join pragma_table_info(list.name) info
      where list.schema = 'main' and list.type = 'table' and substr(list.name, 1, 7) <> 'sqlite_'
        and list.name <> 'models_search_waiting'`.execute(db)
    const groups = Map.groupBy(rows, row => row.table)
    return new Map([...groups].map(([table, columns]) => [table, columns.map(({ column }) => column)]))
  },

  async readSequence(db, table) {
    const { rows } = await sql<{ seq: number }>`select seq from sqlite_sequence where name = ${table}`.execute(db)
    return rows[0]?.seq ?? 0
  },

  async moveSequence(trx, table, seq) {
    await sql`delete from sqlite_sequence where name = ${table}`.execute(trx)
    await sql`insert into sqlite_sequence (name, seq) values (${table}, ${seq})`.execute(trx)
  },
}
