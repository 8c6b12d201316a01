/** A registry's database, opened from outside to be filled: statements that are the same on both databases, and what is not. */
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { databaseFile } from '../../src/data-dir.ts'

export interface SeedTarget extends AsyncDisposable {
  /** A table expression: the column `i` counts from 1 to `count`. */
  numbers(count: number): string
  /** An expression: 13 characters that are different in each row. */
  randomText: string
  /** Runs one statement and answers its rows; numbers come as numbers. */
  run(statement: string): Promise<Record<string, unknown>[]>
  /** After all rows: brings indexes and statistics up to date. */
  finish(): Promise<void>
}

export async function openSeedTarget(registry: {
  dataDir: string
  databaseUrl: string | undefined
}): Promise<SeedTarget> {
  return registry.databaseUrl === undefined ? openSqlite(registry.dataDir) : await openPostgresql(registry.databaseUrl)
}

function openSqlite(dataDir: string): SeedTarget {
  const database = new DatabaseSync(databaseFile(dataDir), { timeout: 5000 })
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -400000')
  const run: SeedTarget['run'] = async statement => database.prepare(statement).all()
  return {
    numbers: count =>
      `(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) SELECT i FROM n)`,
    randomText: `(lower(hex(randomblob(6))) || 'x')`,
    run,
    async finish() {
      // What the dialect's `indexModel` does for one model.
      await run(`INSERT INTO models_search (rowid, search_text)
        SELECT (SELECT seq FROM teams WHERE teams.id = models.team_id) << 40 | seq, search_text FROM models`)
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    },
    async [Symbol.asyncDispose]() {
      database.close()
    },
  }
}

async function openPostgresql(connectionString: string): Promise<SeedTarget> {
  const client = new pg.Client({
    connectionString,
    types: {
      getTypeParser: (oid, format) => (oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)),
    },
  })
  await client.connect()
  const run: SeedTarget['run'] = async statement => (await client.query(statement)).rows
  return {
    numbers: count => `generate_series(1::bigint, ${count}) AS n(i)`,
    randomText: 'substr(md5(random()::text || clock_timestamp()::text), 1, 13)',
    run,
    async finish() {
      await run('VACUUM (ANALYZE)')
    },
    [Symbol.asyncDispose]: () => client.end(),
  }
}
