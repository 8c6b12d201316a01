/** Brings a database's tables up to date. Forward only, each step in its own transaction, so that a failed one leaves the step before. */
import type { DatabaseSync } from 'node:sqlite'
import type { Queryable } from './database.ts'
import * as initial from './migrations/001-initial.ts'
import { kyselyOn, SqliteConnection } from './sqlite/sqlite-driver.ts'

interface Migration {
  up(db: Queryable): Promise<void>
}

/** The list is the order. A landed step is never edited: data out there has already been through it. */
const MIGRATIONS: Migration[] = [initial]

/** Throws when the file was written by a newer Holotype than this one. */
export async function migrate(database: DatabaseSync, migrations: Migration[] = MIGRATIONS): Promise<void> {
  const db = kyselyOn(new SqliteConnection(database))
  const at = stepOf(database)
  refuseNewer(at, migrations)
  for (const [index, migration] of migrations.entries()) {
    if (index < at) continue
    database.exec('BEGIN EXCLUSIVE')
    try {
      await migration.up(db)
      database.exec(`PRAGMA user_version = ${index + 1}`)
      database.exec('COMMIT')
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  }
}

/** Throws unless the tables are just those this Holotype works with: for opening a database beside the server that owns its tables. */
export function requireCurrent(database: DatabaseSync, migrations: Migration[] = MIGRATIONS): void {
  const at = stepOf(database)
  refuseNewer(at, migrations)
  if (at === migrations.length) return
  throw new Error(
    `the database is at step ${at} of ${migrations.length}: start the registry once with this release, which brings it up to date`,
  )
}

/** `user_version` is part of the file's header, so it changes in the same commit as the tables. */
function stepOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
}

function refuseNewer(at: number, migrations: Migration[]): void {
  if (at <= migrations.length) return
  throw new Error(
    `the database is at step ${at}, but this Holotype knows only ${migrations.length}: use a newer release`,
  )
}
