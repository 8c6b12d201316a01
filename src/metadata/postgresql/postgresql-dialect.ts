/** Locks by name, and search on PostgreSQL: an index of trigrams where the extension pg_trgm may be created, else none. */
import { sql } from 'kysely'
import type { Slice } from '../../domain/paging.ts'
import type { Reader } from '../database.ts'
import { type Dialect, type TextSearch, trigramsOf } from '../dialect.ts'
import { inSlice } from '../slices.ts'
import { postgresqlCatalog } from './postgresql-catalog.ts'
import type { QueryRunner } from './postgresql-driver.ts'

/** @param hasSearchIndex whether this database has the index; it is asked at each search. */
export function createPostgresqlDialect(hasSearchIndex: () => boolean): Dialect {
  return {
    ...postgresqlCatalog,

    async lockName(trx, name, mode) {
      const lock = mode === 'shared' ? sql`pg_advisory_xact_lock_shared` : sql`pg_advisory_xact_lock`
      await sql`select ${lock}(hashtextextended(${name}, 0))`.execute(trx)
    },

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

    async searchModels(db, search, slice) {
      if (!hasSearchIndex()) return undefined
      const { limit } = slice
      const sample = await searchSample(db, search, slice)
      const near = sample.filter(row => row.is_hit).map(row => row.seq)
      if (near.length >= limit) return { positions: near.slice(0, limit), next: near[limit - 1] }
      if (near.length >= HITS_FREQUENT || sample.length > CANDIDATES_FREQUENT) return undefined
      const positions = await searchAll(db, search, slice)
      return { positions, next: positions.length === limit ? positions.at(-1) : undefined }
    },
  }
}

/** The models at the beginning of the slice, in which a search looks first. */
const SAMPLE = 500
/** From so many hits among them on, looking through the models in their order finds a page sooner than the index, which finds all hits at once. */
const HITS_FREQUENT = 2
/** From so many on that have the trigrams of the part, hit or not, the index would have a good part of all models looked at. */
const CANDIDATES_FREQUENT = 25

/** Those among the first models of the slice that have all trigrams of the part, and whether they have the part. */
async function searchSample(db: Reader, { teamId, part }: TextSearch, slice: Slice<number>) {
  const models = db.selectFrom('models').where('team_id', '=', teamId).where('deleted_at', 'is', null)
  const first = inSlice(models.select(['seq', 'search_text']), 'seq', { ...slice, limit: SAMPLE - 1 })
  let query = db
    .selectFrom(first.as('first'))
    .select(['seq', sql<boolean>`strpos(search_text, ${part}) > 0`.as('is_hit')])
    .orderBy('seq', slice.order)
  for (const trigram of trigramsOf(part)) query = query.where(sql<boolean>`strpos(search_text, ${trigram}) > 0`)
  return await query.execute()
}

/** Characters that LIKE, which the index answers, has to look for; the rest is left to `strpos`. On long texts that almost match LIKE takes very long. */
const LIKE_MAX = 32

/** By the index, whatever the planner thinks: how many models have a part it can only guess, and a wrong guess costs a walk through all of them. */
async function searchAll(db: Reader, { teamId, part }: TextSearch, slice: Slice<number>): Promise<number[]> {
  const head = [...part].slice(0, LIKE_MAX).join('')
  const pattern = `%${head.replace(/[\\%_]/g, '\\$&')}%`
  let query = db
    .with(
      hits => hits('hits').materialized(),
      all =>
        all
          .selectFrom('models')
          .select('seq')
          .where('team_id', '=', teamId)
          .where('deleted_at', 'is', null)
          .where('search_text', 'like', pattern)
          .where(sql<boolean>`strpos(search_text, ${part}) > 0`),
    )
    .selectFrom('hits')
    .select('seq')
    .orderBy('seq', slice.order)
    .limit(slice.limit)
  if (slice.after !== undefined) query = query.where('seq', slice.order === 'asc' ? '>' : '<', slice.after)
  return (await query.execute()).map(row => row.seq)
}

export async function findSearchIndex(runner: QueryRunner): Promise<boolean> {
  const { rows } = await runner.query(`select to_regclass('models_search') is not null as found`, [])
  const [row] = rows as Array<{ found: boolean }>
  return row?.found === true
}
