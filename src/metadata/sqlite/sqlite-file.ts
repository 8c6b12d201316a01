import type { Database } from '../database.ts'
import { closeCopy } from './sqlite-copy.ts'
import { SqliteDatabase } from './sqlite-database.ts'

/** Makes a SQLite database with the tables of this release and lets `fill` write into it. What is left is one plain file, checked. */
export async function createSqliteFile(file: string, fill: (database: Database) => Promise<void>): Promise<void> {
  const database = await SqliteDatabase.open(file)
  try {
    await fill(database)
  } finally {
    await database.close()
  }
  closeCopy(file)
}
