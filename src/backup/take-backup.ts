import { dirname, join, resolve, sep } from 'node:path'
import { LocalStore } from '../blobs/local/local-store.ts'
import { ConfigError } from '../config.ts'
import { makeUsableDirectory } from '../data-dir/explain.ts'
import { databaseFile } from '../data-dir.ts'
import { CURRENT_STEP } from '../metadata/migrate.ts'
import { readSqlite } from '../metadata/sqlite/sqlite-copy.ts'
import { findStorageProvider } from '../metadata/storage-providers.ts'
import { digestTables, type TableDigests } from '../metadata/table-rows.ts'
import type { Registry } from '../registry/registry.ts'
import { type BrokenBlob, type Copied, copyBlobs, type OnProgress } from './copy-blobs.ts'
import { copySecretKey, hashFile, requireEmpty, sync } from './durable-files.ts'
import { holdingBytes } from './hold.ts'
import { type Manifest, writeManifest } from './manifest.ts'

export interface BackupOptions {
  dataDir: string
  /** Must be empty or absent. */
  target: string
  /** Goes on without files that the registry has already marked as damaged; they are reported. */
  withoutDamaged?: boolean
  onProgress?: OnProgress
}

export interface BackupResult {
  /** Undefined when the backup failed: blobs are missing in it, and `broken` names them all. */
  manifest: Manifest | undefined
  broken: BrokenBlob[]
  /** What is in buckets, and stays there. */
  elsewhere: Copied['elsewhere']
}

/**
 * Copies a registry while it runs and takes uploads: the database as it is at one moment, and then every blob that this moment knows,
 * each hashed on the way. The manifest comes last, after everything else is on disk, and makes it a backup.
 */
export async function takeBackup(registry: Registry, options: BackupOptions): Promise<BackupResult> {
  const target = resolve(options.target)
  requireOutside(target, resolve(options.dataDir))
  await requireEmpty(target)
  await makeUsableDirectory(target)
  return await holdingBytes(registry, async () => {
    const takenAt = new Date(registry.clock.now()).toISOString()
    const copy = databaseFile(target)
    await registry.db.copyToFile(copy)
    const { blobs, bytes, broken, elsewhere, tables } = await copyKnownBlobs(registry, copy, target, options)
    const isWhole = broken.every(({ isMarked }) => isMarked && options.withoutDamaged === true)
    if (!isWhole) return { manifest: undefined, broken, elsewhere }
    await copySecretKey(options.dataDir, target)
    for (const path of [copy, join(target, 'blobs'), target, dirname(target)]) await sync(path)
    const databaseSha256 = await hashFile(copy)
    const contents = { step: CURRENT_STEP, tables }
    const manifest = await writeManifest(target, { takenAt, blobs, bytes, databaseSha256, contents })
    return { manifest, broken, elsewhere }
  })
}

function requireOutside(target: string, dataDir: string): void {
  if (target !== dataDir && !target.startsWith(dataDir + sep)) return
  throw new ConfigError(`a backup inside ${dataDir} would be lost together with it; choose a directory elsewhere`)
}

async function copyKnownBlobs(
  registry: Registry,
  copy: string,
  target: string,
  { onProgress }: BackupOptions,
): Promise<Copied & { tables: TableDigests }> {
  const to = await LocalStore.open(target)
  using database = await readSqlite(copy)
  const { read } = database
  const from = async ({ storageProviderId }: { storageProviderId: string }) => {
    const provider = await findStorageProvider(read, storageProviderId)
    if (!provider) throw new Error(`its storage provider ${storageProviderId} is gone`)
    return await registry.stores.of(provider)
  }
  const tables = await digestTables(read)
  const copied = await copyBlobs(read, { from, to, onProgress })
  await to.writeInstanceId(registry.instance.id)
  return { ...copied, tables }
}
