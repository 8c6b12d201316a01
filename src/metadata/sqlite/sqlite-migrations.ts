import type { DatabaseSync } from 'node:sqlite'
import type { MigrationTarget } from '../migrate.ts'
import { SqliteConnection, transactionOn } from './sqlite-driver.ts'

/** `user_version` is part of the file's header, so it changes in the same commit as the tables. */
export function sqliteMigrations(database: DatabaseSync): MigrationTarget {
  return {
    // The data directory's lock keeps other processes out.
    exclusively: work => work(),
    async readStep() {
      return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
    },
    async apply(migration, step) {
      database.exec('BEGIN EXCLUSIVE')
      try {
        await migration.up(transactionOn(new SqliteConnection(database)))
        database.exec(`PRAGMA user_version = ${step}`)
        database.exec('COMMIT')
      } catch (error) {
        database.exec('ROLLBACK')
        throw error
      }
    },
  }
}
