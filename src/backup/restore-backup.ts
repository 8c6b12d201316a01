import { existsSync } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { BlobStore } from '../blobs/blob-store.ts'
import { LocalStore } from '../blobs/local/local-store.ts'
import { ConfigError } from '../config.ts'
import { lockDataDir } from '../data-dir/lock.ts'
import { makeDataDir } from '../data-dir/own-directory.ts'
import { databaseFile } from '../data-dir.ts'
import { copyTables } from '../metadata/copy-tables.ts'
import type { Database, Reader } from '../metadata/database.ts'
import { findInstance } from '../metadata/instance.ts'
import { CURRENT_STEP } from '../metadata/migrate.ts'
import { checkSqlite } from '../metadata/sqlite/sqlite-copy.ts'
import { SqliteDatabase } from '../metadata/sqlite/sqlite-database.ts'
import { digestTables, findDifferences } from '../metadata/table-rows.ts'
import { type Copied, copyBlobs, type OnProgress } from './copy-blobs.ts'
import { copySecretKey, hashFile, moveDurably, sync } from './durable-files.ts'
import { requireEmptyDatabase } from './empty-database.ts'
import { type Manifest, readManifest } from './manifest.ts'

export interface RestoreOptions {
  backup: string
  /** Must not hold a registry yet. */
  dataDir: string
  /** The database that the registry goes to, empty; without it, a file in the data directory. Called once the backup looks sound. */
  openTarget?: (() => Promise<Database>) | undefined
  onProgress?: OnProgress
}

export interface RestoreResult extends Copied {
  manifest: Manifest
  /** False when the backup is damaged: then no registry was put in place, and `broken` or `databaseProblem` says why. */
  isRestored: boolean
  databaseProblem: string | undefined
}

/**
 * Brings a backup back into an empty data directory and, if there is a target, an empty database. Every blob is hashed on the way and every
 * table compared; the database is put in place last, so that a server can't start on half a registry. A restore that was stopped can be run
 * again, with another empty database if it had a target.
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreResult> {
  const backup = resolve(options.backup)
  const dataDir = resolve(options.dataDir)
  const manifest = await readManifest(backup)
  await makeDataDir(dataDir)
  await using opened = new AsyncDisposableStack()
  opened.defer(lockDataDir(dataDir))
  if (existsSync(databaseFile(dataDir))) {
    throw new ConfigError(`there is a registry in ${dataDir} already; restore into an empty directory`)
  }
  const databaseProblem = await findFileProblem(databaseFile(backup), manifest)
  if (databaseProblem !== undefined) return spoilt(manifest, databaseProblem)
  const target = options.openTarget && opened.adopt(await options.openTarget(), db => db.close())
  if (target) await requireEmptyDatabase(target.read, 'of HOLOTYPE_DATABASE_URL')
  const partial = await copyDatabaseFile(backup, dataDir)
  const to = await LocalStore.open(dataDir)
  const { instanceId, ...result } = await bringBack(partial, manifest, {
    from: LocalStore.attach(backup),
    to,
    target,
    onProgress: options.onProgress,
  })
  if (result.isRestored) await copySecretKey(backup, dataDir)
  if (result.isRestored && !target) await moveDurably(partial, databaseFile(dataDir))
  else await rm(partial)
  // Last: of a backup of the first release each attempt makes another registry.
  if (result.isRestored) await to.writeInstanceId(instanceId)
  return result
}

function spoilt(manifest: Manifest, databaseProblem: string): RestoreResult {
  return {
    manifest,
    isRestored: false,
    databaseProblem,
    blobs: 0,
    bytes: 0,
    broken: [],
    elsewhere: { blobs: 0, bytes: 0 },
  }
}

async function findFileProblem(file: string, { databaseSha256 }: Manifest): Promise<string | undefined> {
  try {
    if ((await hashFile(file)) !== databaseSha256) return 'registry.sqlite is not the one that the manifest names'
    checkSqlite(file)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function copyDatabaseFile(backup: string, dataDir: string): Promise<string> {
  const partial = `${databaseFile(dataDir)}.partial`
  // With what an attempt that was killed left beside it: SQLite would play its log into this copy.
  for (const suffix of ['', '-wal', '-shm']) await rm(`${partial}${suffix}`, { force: true })
  await copyFile(databaseFile(backup), partial)
  return partial
}

interface Places {
  from: BlobStore
  to: BlobStore
  target: Database | undefined
  onProgress: OnProgress | undefined
}

/** Copies the bytes into the store, and then the rows into the target if there is one. Else `partial` is made ready to be put in place. */
async function bringBack(
  partial: string,
  manifest: Manifest,
  { from, to, target, onProgress }: Places,
): Promise<RestoreResult & { instanceId: string }> {
  // Also brings the tables of an older release up to date, and refuses those of a newer one.
  const database = await SqliteDatabase.open(partial)
  try {
    const instanceId = await requireStoreFor(database.read, to)
    const different = await findWrongTables(database.read, manifest)
    if (different.length > 0) {
      return { ...spoilt(manifest, `not what the manifest says is in ${different.join(', ')}`), instanceId }
    }
    const copied = await copyBlobs(database.read, { from: () => from, to, onProgress })
    // What was marked when the backup was taken was left out of it knowingly.
    const isRestored = copied.broken.every(({ isMarked }) => isMarked)
    if (isRestored && target) await copyTables(database.read, target)
    return { manifest, databaseProblem: undefined, ...copied, isRestored, instanceId }
  } finally {
    await database.close()
    await sync(partial)
  }
}

/** Throws when the store holds the bytes of another registry. Answers the id of the one in `db`. */
async function requireStoreFor(db: Reader, store: BlobStore): Promise<string> {
  const instance = await findInstance(db)
  if (!instance) throw new ConfigError('the backup is of a registry that was never started')
  const owner = await store.readInstanceId()
  if (owner === undefined || owner === instance.id) return instance.id
  throw new ConfigError(`the data directory holds the bytes of another registry, ${owner}; restore into an empty one`)
}

/** The digests are of the tables as they were backed up. Tables of an older release have changed since; their file was compared as a whole. */
async function findWrongTables(db: Reader, { contents }: Manifest): Promise<string[]> {
  if (contents?.step !== CURRENT_STEP) return []
  return findDifferences(contents.tables, await digestTables(db))
}
