/**
 * The directory that holds everything an embedded registry keeps:
 *
 *     data/
 *       registry.sqlite    the metadata (with -wal and -shm beside it)
 *       registry.moved     there once the metadata was moved to another database
 *       lock.sqlite        held by the one process that may serve it
 *       blobs/  tmp/       the bytes, see blobs/local/layout.ts
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeDirectory } from './blobs/make-directory.ts'
import { ConfigError } from './config.ts'

export function databaseFile(dataDir: string): string {
  return join(dataDir, 'registry.sqlite')
}

/** Says that the registry was moved to another database. While it is there, the old one is not used. */
export function movedFile(dataDir: string): string {
  return join(dataDir, 'registry.moved')
}

/** The content of the mark. */
export interface Move {
  /** ISO 8601. */
  movedAt: string
  instanceId: string
  /** The URL of the database, without a password. */
  database: string
}

/** Throws when the directory's registry was moved to another database: changes of the old one would be lost, or those of the new one. */
export function refuseMoved(dataDir: string): void {
  const file = movedFile(dataDir)
  if (!existsSync(file)) return
  const { movedAt, database } = readMove(file)
  throw new ConfigError(
    `the registry of ${dataDir} was moved to ${database} at ${movedAt}: set HOLOTYPE_DATABASE_URL. ` +
      `To go back to its state of that moment, and without all that came later, remove ${file}`,
  )
}

/** Throws when the directory has an embedded registry that was not moved: another one would take its bytes for its own rubbish. */
export function refuseEmbedded(dataDir: string): void {
  if (!existsSync(databaseFile(dataDir)) || existsSync(movedFile(dataDir))) return
  throw new ConfigError(
    `there is a registry with a database of its own in ${dataDir}: move it into that of HOLOTYPE_DATABASE_URL with ` +
      '`holotype migrate-to`, or choose another HOLOTYPE_DATA_DIR',
  )
}

function readMove(file: string): Partial<Move> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return {}
  }
}

export function requireRegistry(dataDir: string): void {
  if (existsSync(databaseFile(dataDir))) return
  throw new ConfigError(
    `there is no registry in ${dataDir}; name its data directory with --data-dir or HOLOTYPE_DATA_DIR`,
  )
}

/** Makes the directory where it is missing, durably. */
export async function makeDataDir(dataDir: string): Promise<void> {
  try {
    await makeDirectory(resolve(dataDir))
  } catch (error) {
    throw new ConfigError(
      `the data directory ${dataDir} can't be made: ${error instanceof Error ? error.message : error}`,
    )
  }
}

/**
 * Takes the directory for this process alone, until the returned function is called or the process ends, however it ends: the lock is
 * SQLite's own file lock, which the operating system drops with the process, so there is never a stale one to clear away.
 */
export function lockDataDir(dataDir: string): () => void {
  // A process that was just stopped or killed may need a moment to be gone.
  const lock = new DatabaseSync(join(dataDir, 'lock.sqlite'), { timeout: 2000 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (!isBusy(error)) throw error
    throw new ConfigError(
      `another Holotype is using the data directory ${dataDir}; stop it first, or choose another HOLOTYPE_DATA_DIR`,
    )
  }
  return () => lock.close()
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5
}
