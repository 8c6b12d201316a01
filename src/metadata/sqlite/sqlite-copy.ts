/** A copy of a SQLite database as one plain file, taken while others write, and the check that such a file is whole. */
import { backup, DatabaseSync } from 'node:sqlite'
import type { Reader } from '../database.ts'
import { requireCurrent } from '../migrate.ts'
import { readerOn, SqliteConnection } from './sqlite-driver.ts'
import { sqliteMigrations } from './sqlite-migrations.ts'

/** All pages at once: in smaller steps the copy would begin anew with every change that another process makes in between. */
const ALL_PAGES = 2 ** 31 - 1

/**
 * Copies the database in `from`, as it is at one moment, to `to`, without the holds of those who use it now. Neither waits for writers
 * nor lets them wait. The copy needs no file beside it; making it durable is the caller's business.
 */
export async function copySqlite(from: string, to: string): Promise<void> {
  const source = new DatabaseSync(from, { timeout: 5000, readOnly: true })
  try {
    await backup(source, to, { rate: ALL_PAGES })
  } finally {
    source.close()
  }
  const copy = new DatabaseSync(to)
  try {
    copy.exec('PRAGMA journal_mode = DELETE')
    await requireCurrent(sqliteMigrations(copy))
    copy.exec('DELETE FROM holds')
    requireSound(copy)
  } finally {
    copy.close()
  }
}

/** Throws with what SQLite finds wrong: a page that doesn't fit, an index that misses a row, a row that refers to nothing. */
export function checkSqlite(file: string): void {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    requireSound(database)
  } finally {
    database.close()
  }
}

/** Reads a copy that nobody writes. */
export function readSqlite(file: string): { read: Reader; close(): void } {
  const database = new DatabaseSync(file, { readOnly: true })
  return { read: readerOn(new SqliteConnection(database)), close: () => database.close() }
}

function requireSound(database: DatabaseSync): void {
  const findings = database.prepare('PRAGMA integrity_check(5)').all()
  const [first] = findings
  if (first?.['integrity_check'] !== 'ok') {
    throw new Error(`the database is damaged: ${findings.map(row => row['integrity_check']).join('; ')}`)
  }
  const [dangling] = database.prepare('PRAGMA foreign_key_check').all()
  if (dangling) throw new Error(`the database is damaged: a row of ${dangling['table']} refers to a missing one`)
}
