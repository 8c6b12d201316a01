import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ConfigError } from '../config.ts'
import { databaseFile } from '../data-dir.ts'
import { explainSqliteError } from '../metadata/sqlite/explain-sqlite.ts'
import { makePrivate } from '../metadata/sqlite/private-file.ts'

/** A process that was just stopped or killed may need a moment to be gone. In ms. */
const PATIENCE_MS = 2000

/**
 * Takes the directory for this process alone, until the returned function is called or the process ends, however it ends: the lock is
 * SQLite's own file lock, which the operating system drops with the process, so there is never a stale one to clear away.
 *
 * The lock's file knows which file it is. One that was removed and made anew, or brought from elsewhere, doesn't: a process may hold the
 * lock on the file that was there before. Then the database itself must be free, and only after that is the new file trusted.
 */
export function lockDataDir(dataDir: string): () => void {
  const file = join(dataDir, 'lock.sqlite')
  const lock = openLock(file)
  try {
    lock.exec('BEGIN EXCLUSIVE')
    if (readOwnNumber(lock) !== inodeOf(file)) {
      requireFree(databaseFile(dataDir))
      writeOwnNumber(lock, inodeOf(file))
      // Who gets the lock in between finds it trusted, and this process refuses.
      lock.exec('COMMIT; BEGIN EXCLUSIVE')
    }
  } catch (error) {
    lock.close()
    if (isDamaged(error)) throw new ConfigError(`${file} is damaged: remove it while no Holotype uses ${dataDir}`)
    if (!isBusy(error)) throw explainSqliteError(error, file)
    throw new ConfigError(
      `another Holotype is using the data directory ${dataDir}; stop it first, or choose another HOLOTYPE_DATA_DIR`,
    )
  }
  return () => lock.close()
}

function openLock(file: string): DatabaseSync {
  try {
    makePrivate(file)
    return new DatabaseSync(file, { timeout: PATIENCE_MS })
  } catch (error) {
    throw explainSqliteError(error, file)
  }
}

/** As text: it can be greater than a number holds exactly. */
function inodeOf(file: string): string {
  const { dev, ino } = statSync(file, { bigint: true })
  return `${dev}:${ino}`
}

function readOwnNumber(lock: DatabaseSync): unknown {
  lock.exec('CREATE TABLE IF NOT EXISTS lock (file TEXT NOT NULL)')
  return lock.prepare('SELECT file FROM lock').get()?.['file']
}

function writeOwnNumber(lock: DatabaseSync, inode: string): void {
  lock.exec('DELETE FROM lock')
  lock.prepare('INSERT INTO lock (file) VALUES (?)').run(inode)
}

/** Throws SQLite's "busy" while any process has the database open. Changes nothing in it. */
function requireFree(file: string): void {
  if (!(statSync(file, { throwIfNoEntry: false })?.size ?? 0)) return
  const database = new DatabaseSync(file, { timeout: PATIENCE_MS })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    database.exec('BEGIN EXCLUSIVE; ROLLBACK')
  } finally {
    database.close()
  }
}

function isBusy(error: unknown): boolean {
  return codeOf(error) === 5
}

function isDamaged(error: unknown): boolean {
  return codeOf(error) === 11 || codeOf(error) === 26
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined
}
