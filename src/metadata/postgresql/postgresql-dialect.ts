/** Search on PostgreSQL: an index of trigrams where the extension pg_trgm may be created, else none. */
import { sql } from 'kysely'
import type { Dialect } from '../dialect.ts'
import { postgresqlCatalog } from './postgresql-catalog.ts'
import type { QueryRunner } from './postgresql-driver.ts'

/** @param hasSearchIndex whether this database has the index; it is asked at each search. */
export function createPostgresqlDialect(hasSearchIndex: () => boolean): Dialect {
  return {
    ...postgresqlCatalog,

    async createSearchIndex(trx) {
      // The extension may be missing on the server, or this role may not create it: neither keeps the registry from working.
      await sql`do $$ begin
        create extension if not exists pg_trgm;
      exception when others then
        raise notice 'pg_trgm can not be created: %', sqlerrm;
      end $$`.execute(trx)
      const { rows } = await sql`select from pg_extension where extname = 'pg_trgm'`.execute(trx)
      if (rows.length === 0) return
      await sql`create index models_search on models using gin (search_text gin_trgm_ops)
        where deleted_at is null`.execute(trx)
    },

    // The index is on the row itself.
    async indexModel() {},
    async unindexModel() {},

    contains: (text, part) => sql<boolean>`strpos(${text}, ${part}) > 0`,

    async searchModels(db, { teamId, part }, { after, limit, order }) {
      if (!hasSearchIndex()) return undefined
      const pattern = `%${part.replace(/[\\%_]/g, '\\$&')}%`
      let query = db
        .selectFrom('models')
        .select('seq')
        .where('team_id', '=', teamId)
        .where('deleted_at', 'is', null)
        .where('search_text', 'like', pattern)
        .orderBy('seq', order)
        .limit(limit)
      if (after !== undefined) query = query.where('seq', order === 'asc' ? '>' : '<', after)
      return (await query.execute()).map(row => row.seq)
    },
  }
}

export async function findSearchIndex(runner: QueryRunner): Promise<boolean> {
  const { rows } = await runner.query(`select to_regclass('models_search') is not null as found`, [])
  const [row] = rows as Array<{ found: boolean }>
  return row?.found === true
}
