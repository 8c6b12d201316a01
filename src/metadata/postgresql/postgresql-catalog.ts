/** What PostgreSQL knows about the tables themselves. */
import { sql } from 'kysely'
import type { Dialect } from '../dialect.ts'

export const postgresqlCatalog: Pick<Dialect, 'listColumns' | 'readSequence' | 'moveSequence'> = {
  async listColumns(db) {
    // The count of the migrations is no table of ours: each database keeps its own.
    const { rows } = await sql<{ table: string; columns: string[] }>`select relname::text as "table",
        array_agg(attname::text) as columns
      from pg_class join pg_attribute on attrelid = pg_class.oid
      where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname <> 'schema_step'
        and attnum > 0 and not attisdropped
      group by relname`.execute(db)
    return new Map(rows.map(({ table, columns }) => [table, columns]))
  },

  async readSequence(db, table) {
    const { rows } = await sql<{ seq: number }>`select
      coalesce(pg_sequence_last_value(pg_get_serial_sequence(${table}, 'seq')::regclass), 0) as seq`.execute(db)
    return rows[0]?.seq ?? 0
  },

  async moveSequence(trx, table, seq) {
    // Where nothing was ever counted, it begins by itself.
    if (seq > 0) await sql`select setval(pg_get_serial_sequence(${table}, 'seq')::regclass, ${seq})`.execute(trx)
  },
}
