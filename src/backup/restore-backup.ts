import { existsSync } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { LocalStore } from '../blobs/local/local-store.ts'
import { ConfigError } from '../config.ts'
import { databaseFile, lockDataDir, makeDataDir } from '../data-dir.ts'
import { checkSqlite } from '../metadata/sqlite/sqlite-copy.ts'
import { SqliteDatabase } from '../metadata/sqlite/sqlite-database.ts'
import { type Copied, copyBlobs, type OnProgress } from './copy-blobs.ts'
import { hashFile, moveDurably, sync } from './durable-files.ts'
import { type Manifest, readManifest } from './manifest.ts'

export interface RestoreOptions {
  backup: string
  /** Must not hold a registry yet. */
  dataDir: string
  onProgress?: OnProgress
}

export interface RestoreResult extends Copied {
  manifest: Manifest
  /** False when the backup is damaged: then there is no registry in the data directory, and `broken` or `databaseProblem` says why. */
  isRestored: boolean
  databaseProblem: string | undefined
}

/**
 * Brings a backup back into an empty data directory. Every blob is hashed on the way and the database checked; the database is put in
 * place last, so that a server can't start on half a registry. A restore that was stopped can be run again.
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreResult> {
  const backup = resolve(options.backup)
  const dataDir = resolve(options.dataDir)
  const manifest = await readManifest(backup)
  await makeDataDir(dataDir)
  const unlock = lockDataDir(dataDir)
  try {
    if (existsSync(databaseFile(dataDir))) {
      throw new ConfigError(`there is a registry in ${dataDir} already; restore into an empty directory`)
    }
    const databaseProblem = await findDatabaseProblem(databaseFile(backup), manifest)
    if (databaseProblem !== undefined) {
      return { manifest, isRestored: false, databaseProblem, blobs: 0, bytes: 0, broken: [] }
    }
    const copied = await bringBack(backup, dataDir, options.onProgress)
    return { manifest, databaseProblem, ...copied }
  } finally {
    unlock()
  }
}

async function findDatabaseProblem(file: string, { databaseSha256 }: Manifest): Promise<string | undefined> {
  try {
    if ((await hashFile(file)) !== databaseSha256) return 'registry.sqlite is not the one that the manifest names'
    checkSqlite(file)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function bringBack(backup: string, dataDir: string, onProgress: RestoreOptions['onProgress']) {
  const partial = `${databaseFile(dataDir)}.partial`
  // With what an attempt that was killed left beside it: SQLite would play its log into this copy.
  for (const suffix of ['', '-wal', '-shm']) await rm(`${partial}${suffix}`, { force: true })
  await copyFile(databaseFile(backup), partial)
  const to = await LocalStore.open(dataDir)
  // Also brings the tables of an older release up to date, and refuses those of a newer one.
  const database = await SqliteDatabase.open(partial)
  const source = LocalStore.attach(backup)
  let copied: Copied
  try {
    copied = await copyBlobs(database.read, { from: () => source, to, onProgress })
  } finally {
    await database.close()
  }
  // What was marked when the backup was taken was left out of it knowingly.
  const isRestored = copied.broken.every(({ isMarked }) => isMarked)
  if (isRestored) {
    await sync(partial)
    await moveDurably(partial, databaseFile(dataDir))
  } else await rm(partial)
  return { ...copied, isRestored }
}
