/** A directory becomes a data directory only where it is empty: what somebody else keeps there is neither used nor removed. */
import { existsSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { findForeignIn } from '../blobs/local/find-foreign.ts'
import { LocalStore } from '../blobs/local/local-store.ts'
import { ConfigError } from '../config.ts'
import { databaseFile, hasDatabase, movedFile } from '../data-dir.ts'
import { makeUsableDirectory, requireAccess } from './explain.ts'

/** Files that Holotype makes in the directory itself. */
const FILES =
  /^(registry[.]sqlite([.]partial)?(-wal|-shm|-journal)?|registry[.]moved([.]partial)?|lock[.]sqlite(-journal)?)$/

/**
 * Makes the directory where it is missing, durably. Throws a `ConfigError` where it can't be used, or holds anything that is not a
 * registry's and no registry. Nothing in it has been changed then.
 */
export async function makeDataDir(dataDir: string): Promise<void> {
  const path = resolve(dataDir)
  await makeUsableDirectory(path)
  await requireUsableDataDir(path)
  await refuseForeign(path)
}

/** Throws a `ConfigError` unless this process can read and write what it needs in the directory. What is missing is fine. */
export async function requireUsableDataDir(dataDir: string): Promise<void> {
  const path = resolve(dataDir)
  await requireAccess(path, 'directory')
  for (const name of ['blobs', 'tmp']) await requireAccess(join(path, name), 'directory')
  const database = databaseFile(path)
  for (const file of [database, `${database}-wal`, `${database}-shm`, join(path, 'lock.sqlite')]) {
    await requireAccess(file, 'file')
  }
}

async function refuseForeign(dataDir: string): Promise<void> {
  if (await isRegistry(dataDir)) return
  const foreign = await findForeign(dataDir)
  if (foreign === undefined) return
  throw new ConfigError(
    `${dataDir} holds no registry, but is not empty (there is ${foreign}): choose an empty directory, or one that does not exist yet`,
  )
}

async function isRegistry(dataDir: string): Promise<boolean> {
  if ((await isSqlite(dataDir)) || existsSync(movedFile(dataDir))) return true
  return (await LocalStore.attach(dataDir).readInstanceId()) !== undefined
}

async function isSqlite(dataDir: string): Promise<boolean> {
  if (!hasDatabase(dataDir)) return false
  const file = await open(databaseFile(dataDir))
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(16), 0, 16, 0)
    return buffer.toString('latin1', 0, bytesRead) === 'SQLite format 3\0'
  } finally {
    await file.close()
  }
}

/** Something that no start and no restore has left there. */
async function findForeign(dataDir: string): Promise<string | undefined> {
  for (const entry of await readdir(dataDir, { withFileTypes: true })) {
    const path = join(dataDir, entry.name)
    if (entry.isFile() && FILES.test(entry.name)) continue
    // Each new ext4 file system has one.
    if (entry.isDirectory() && entry.name === 'lost+found') continue
    if (!entry.isDirectory() || (entry.name !== 'blobs' && entry.name !== 'tmp')) return path
    const below = await findForeignIn(dataDir, entry.name)
    if (below !== undefined) return below
  }
  return undefined
}
