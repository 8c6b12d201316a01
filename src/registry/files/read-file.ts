/** The bytes of a file that was just looked up. What is damaged on the medium can reach nobody as complete. */
import { hash } from 'node:crypto'
import { BlobNotFoundError, type BlobReading, type BlobStore, type ByteRange } from '../../blobs/blob-store.ts'
import { type BlobFacts, verifyWhileReading } from '../../blobs/verified-read.ts'
import { readWhole } from '../../blobs/whole-read.ts'
import { quote, RegistryError } from '../../domain/errors.ts'
import type { StoredFile } from '../../domain/file.ts'
import { markBlobDamaged } from '../../metadata/blobs.ts'
import { findStorageProvider } from '../../metadata/storage-providers.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'

/** A file's content: see `BlobReading` for `recycle`. */
export type FileBytes = Pick<BlobReading, 'stream' | 'recycle'>

/**
 * The bytes as a stream, whole or a range. Whole files are hashed on the way, and the last bytes are held back until they match; a range that
 * is the whole file is one. Of other ranges only the length is checked: there is no digest of a part on record. Throws `damaged` when that is
 * known already.
 */
export async function readFile(registry: Registry, file: StoredFile, range?: ByteRange): Promise<FileBytes> {
  const store = await storeOf(registry, file)
  const { size, stream, recycle } = await store
    .read(file.blob.id, range)
    .catch(error => throwIfMissing(registry, file, error))
  if (size !== file.size) {
    stream.destroy()
    throw noteWrongSize(registry, file, size)
  }
  if (range && range.end - range.start + 1 < file.size) return { stream, recycle }
  const onDamage = (actual: BlobFacts) => noteDamage(registry, file, `its sha256 is now ${actual.sha256}`)
  return { stream: verifyWhileReading(stream, file, onDamage), recycle }
}

/** All bytes of a file that is small enough to be held in memory, checked. Throws `damaged`. */
export async function readSmallFile(registry: Registry, file: StoredFile): Promise<Buffer> {
  const store = await storeOf(registry, file)
  const { size, bytes } = await readWhole(store, file.blob.id, file.size).catch(error =>
    throwIfMissing(registry, file, error),
  )
  if (size !== file.size) throw noteWrongSize(registry, file, size)
  const sha256 = hash('sha256', bytes)
  if (sha256 === file.sha256) return bytes
  noteDamage(registry, file, `its sha256 is now ${sha256}`)
  throw damaged(file)
}

async function storeOf(registry: Registry, { blob, path }: StoredFile): Promise<BlobStore> {
  if (blob.isDamaged) throw damaged({ path })
  const provider = await findStorageProvider(registry.db.read, blob.storageProviderId)
  if (!provider) throw new Error(`blob ${blob.id} is in storage provider ${blob.storageProviderId}, which is gone`)
  return await registry.stores.of(provider)
}

/** The row says the bytes are here. They may have been deleted a moment ago; if not, they are lost, and that must be heard of. */
function throwIfMissing(registry: Registry, file: StoredFile, error: unknown): never {
  if (!(error instanceof BlobNotFoundError)) throw error
  const message = `the stored bytes of ${quote(file.path)} are missing`
  registry.tally.damageFound += 1
  registry.warn(message, error)
  throw new RegistryError('damaged', message, { cause: error })
}

function noteWrongSize(registry: Registry, file: StoredFile, size: number): RegistryError {
  noteDamage(registry, file, `${size} bytes are stored, ${file.size} were accepted`)
  return damaged(file)
}

function noteDamage(registry: Registry, file: StoredFile, reason: string): void {
  registry.tally.damageFound += 1
  registry.warn(`the stored bytes of "${file.path}" (blob ${file.blob.id}) are damaged: ${reason}`, undefined)
  changeAsSystem(registry, ({ trx, at }) => markBlobDamaged(trx, file.blob.id, at)).catch(error =>
    registry.warn(`could not mark blob ${file.blob.id} as damaged`, error),
  )
}

function damaged({ path }: { path: string }): RegistryError {
  return new RegistryError(
    'damaged',
    `the stored bytes of ${quote(path)} no longer have the sha256 they were accepted with; upload the file again or restore a backup`,
  )
}
