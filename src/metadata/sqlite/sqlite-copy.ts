/** A copy of a SQLite database as one plain file, taken while others write, and the check that such a file is whole. */
import { backup, DatabaseSync } from 'node:sqlite'
import type { Reader } from '../database.ts'
import { requireCurrent } from '../migrate.ts'
import { LEFT_OUT_TABLES } from '../table-rows.ts'
import { explainSqliteError } from './explain-sqlite.ts'
import { makePrivate } from './private-file.ts'
import { readerOn, SqliteConnection } from './sqlite-driver.ts'
import { sqliteMigrations } from './sqlite-migrations.ts'

/** All pages at once: in smaller steps the copy would begin anew with every change that another process makes in between. */
const ALL_PAGES = 2 ** 31 - 1

/**
 * Copies the database in `from`, as it is at one moment, to `to`, without what belongs to the processes that use it now: holds, and the
 * uploads they are receiving. Neither waits for writers nor lets them wait.
 */
export async function copySqlite(from: string, to: string): Promise<void> {
  makePrivate(to)
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
    for (const table of LEFT_OUT_TABLES) copy.exec(`DELETE FROM ${table}`)
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

/** Makes one plain file of a database that nobody has open, and checks it. */
export function closeCopy(file: string): void {
  const copy = new DatabaseSync(file)
  try {
    copy.exec('PRAGMA journal_mode = DELETE')
    requireSound(copy)
  } finally {
    copy.close()
  }
}

/** Reads the database as it is at one moment, until it is closed. Throws when its tables are not those of this release. */
export async function readSqlite(file: string): Promise<Disposable & { read: Reader }> {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
  try {
    database.exec('BEGIN')
    await requireCurrent(sqliteMigrations(database))
    return { read: readerOn(new SqliteConnection(database)), [Symbol.dispose]: () => database.close() }
  } catch (error) {
    database.close()
    throw explainSqliteError(error, file)
  }
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
