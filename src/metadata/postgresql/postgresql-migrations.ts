import type pg from 'pg'
import type { MigrationTarget } from '../migrate.ts'
import { runnerOf } from './connections.ts'
import type { PostgresqlKysely } from './postgresql-driver.ts'

/** Any number that no other use of the database takes: "holotype" in ASCII. */
const MIGRATION_LOCK = '0x686f6c6f74797065'

/** The steps are counted in a table of one row. */
export function postgresqlMigrations(client: pg.Client, { transactionOn }: PostgresqlKysely): MigrationTarget {
  return {
    async exclusively(work) {
      await client.query('select pg_advisory_lock($1)', [BigInt(MIGRATION_LOCK).toString()])
      try {
        await client.query(
          'create table if not exists schema_step (singleton integer primary key check (singleton = 1), step integer not null)',
        )
        return await work()
      } finally {
        await client.query('select pg_advisory_unlock($1)', [BigInt(MIGRATION_LOCK).toString()])
      }
    },
    async readStep() {
      const { rows: tables } = await client.query(`select to_regclass('schema_step') is not null as found`)
      if (!tables[0]?.found) return 0
      const { rows } = await client.query('select step from schema_step')
      return Number(rows[0]?.step ?? 0)
    },
    async apply(migration, step) {
      await client.query('begin')
      try {
        await migration.up(transactionOn(runnerOf(client)))
        await client.query(
          'insert into schema_step values (1, $1) on conflict (singleton) do update set step = excluded.step',
          [step],
        )
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        throw error
      }
    },
  }
}
