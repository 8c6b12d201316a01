/**
 * The directory that holds everything an embedded registry keeps:
 *
 *     data/
 *       registry.sqlite    the metadata (with -wal and -shm beside it)
 *       registry.moved     there once the metadata was moved to another database
 *       secret.key         seals the secrets of storage providers; there once one was needed
 *       lock.sqlite        held by the one process that may serve it
 *       blobs/  tmp/       the bytes, see blobs/local/layout.ts
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from './config.ts'

export function databaseFile(dataDir: string): string {
  return join(dataDir, 'registry.sqlite')
}

/** For its owner alone. */
export function secretKeyFile(dataDir: string): string {
  return join(dataDir, 'secret.key')
}

/** Whether there is anything in the file of the embedded database: an empty file is none. */
export function hasDatabase(dataDir: string): boolean {
  return (statSync(databaseFile(dataDir), { throwIfNoEntry: false })?.size ?? 0) > 0
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
  if (!hasDatabase(dataDir) || existsSync(movedFile(dataDir))) return
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
  if (hasDatabase(dataDir)) return
  throw new ConfigError(
    `there is no registry in ${dataDir}; name its data directory with --data-dir or HOLOTYPE_DATA_DIR`,
  )
}

/**
 * Throws when the embedded database is missing or empty while there is what belongs to one: another database would take these bytes for
 * rubbish, and SQLite would drop the log of the missing one. `requireUnused` throws when there are stored bytes.
 */
export async function refuseLostDatabase(dataDir: string, requireUnused: () => Promise<void>): Promise<void> {
  if (hasDatabase(dataDir)) return
  const file = databaseFile(dataDir)
  const what = existsSync(file) ? 'is empty (0 bytes)' : 'is missing'
  const advice = 'bring it back from where it was moved to, or restore a backup into another directory'
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
    throw new ConfigError(
      `the database ${file} ${what}, but its log ${file}-wal is there: ${advice}, and keep the log beside it`,
    )
  }
  await requireUnused().catch((error: unknown) => {
    throw new ConfigError(`the database ${file} ${what}, but there are stored files beside it: ${advice}`, {
      cause: error,
    })
  })
}
