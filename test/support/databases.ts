/** The database that goes with a data directory of a test: on SQLite a file in it, on PostgreSQL a database of its own. */
import { DatabaseSync } from 'node:sqlite'
import { databaseFile } from '../../src/data-dir.ts'
import { createDatabase, dropDatabase, runSql } from './postgresql-databases.ts'

/** The server for this run of the tests, undefined when it is on SQLite. */
export function postgresqlServer(): string | undefined {
  return process.env['HOLOTYPE_TEST_POSTGRESQL']
}

const urls = new Map<string, Promise<string>>()

/**
 * The variable that a registry of this data directory needs in its environment: none on SQLite. On PostgreSQL the first call makes an
 * empty database, and later ones answer the same. It goes with the server, unless `dropDatabaseOf` removes it before.
 */
export async function databaseEnvironment(dataDir: string): Promise<{ HOLOTYPE_DATABASE_URL?: string }> {
  const server = postgresqlServer()
  if (server === undefined) return {}
  const url = urls.get(dataDir) ?? createDatabase(server)
  urls.set(dataDir, url)
  return { HOLOTYPE_DATABASE_URL: await url }
}

export async function dropDatabaseOf(dataDir: string): Promise<void> {
  const url = urls.get(dataDir)
  urls.delete(dataDir)
  if (url) await dropDatabase(await url)
}

/** Reads the database of a data directory from outside, on a connection of its own. */
export async function queryDatabase<T extends object>(dataDir: string, statement: string): Promise<T[]> {
  const { HOLOTYPE_DATABASE_URL: url } = await databaseEnvironment(dataDir)
  if (url !== undefined) return await runSql<T>(url, statement)
  const database = new DatabaseSync(databaseFile(dataDir), { readOnly: true, timeout: 5000 })
  try {
    return database.prepare(statement).all() as T[]
  } finally {
    database.close()
  }
}

/** All rows of all tables as one text. */
export async function dumpDatabase(dataDir: string): Promise<string> {
  const list =
    postgresqlServer() === undefined
      ? `select name from sqlite_schema where type = 'table' and name not like 'models_search%' and name not like 'sqlite_%'`
      : `select table_name as name from information_schema.tables where table_schema = 'public'`
  const tables = await queryDatabase<{ name: string }>(dataDir, list)
  const rows = await Promise.all(tables.map(({ name }) => queryDatabase(dataDir, `select * from "${name}"`)))
  return JSON.stringify(rows)
}
