import { BlobNotFoundError, type BlobReading, type ByteRange } from '../../blobs/blob-store.ts'
import { type BlobFacts, verifyWhileReading } from '../../blobs/verified-read.ts'
import type { Actor } from '../../domain/actor.ts'
import { notFound, quote, RegistryError } from '../../domain/errors.ts'
import type { StoredFile } from '../../domain/file.ts'
import type { StorageProvider } from '../../domain/storage-provider.ts'
import type { Version } from '../../domain/version.ts'
import { markBlobDamaged } from '../../metadata/blobs.ts'
import type { Reader } from '../../metadata/database.ts'
import { findFile } from '../../metadata/files.ts'
import { findStorageProvider } from '../../metadata/storage-providers.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'
import { getReadableVersion, type VersionRef } from '../versions/get-version.ts'

export interface FileRef extends VersionRef {
  path: string
}

/** A file's content: see `BlobReading` for `recycle`. */
export type FileBytes = Pick<BlobReading, 'stream' | 'recycle'>

/** A file's record. Throws `not_found`. */
export async function getFile(
  registry: Registry,
  actor: Actor,
  ref: FileRef,
): Promise<{ version: Version; file: StoredFile }> {
  const { version } = await getReadableVersion(registry.db.read, actor, ref)
  return { version, file: await getFileOf(registry.db.read, version, ref.path) }
}

export async function getFileOf(db: Reader, version: Version, path: string): Promise<StoredFile> {
  const file = await findFile(db, version, path)
  if (!file) throw notFound('file', path, `version ${version.number} has no file ${quote(path)}`)
  return file
}

/**
 * The bytes of a file that was just looked up, whole or a range. Whole files are hashed on the way, and the last bytes are held back
 * until they match: what is damaged on disk can reach nobody as complete. Throws `damaged` when it is known to be already.
 */
export async function readFile(registry: Registry, file: StoredFile, range?: ByteRange): Promise<FileBytes> {
  if (file.blob.isDamaged) throw damaged(file)
  const provider = await findStorageProvider(registry.db.read, file.blob.storageProviderId)
  if (!provider)
    throw new Error(`blob ${file.blob.id} is in storage provider ${file.blob.storageProviderId}, which is gone`)
  const { size, stream, recycle } = await openBlob(registry, provider, file, range)
  if (size !== file.size) {
    stream.destroy()
    noteDamage(registry, file, `${size} bytes are stored, ${file.size} were accepted`)
    throw damaged(file)
  }
  if (range) return { stream, recycle }
  const onDamage = (actual: BlobFacts) => noteDamage(registry, file, `its sha256 is now ${actual.sha256}`)
  return { stream: verifyWhileReading(stream, file, onDamage), recycle }
}

async function openBlob(registry: Registry, provider: StorageProvider, file: StoredFile, range: ByteRange | undefined) {
  try {
    const store = await registry.stores.of(provider)
    return await store.read(file.blob.id, range)
  } catch (error) {
    if (!(error instanceof BlobNotFoundError)) throw error
    // The row says the bytes are here. They may have been deleted a moment ago; if not, they are lost, and that must be heard of.
    const message = `the stored bytes of ${quote(file.path)} are missing`
    registry.tally.damageFound += 1
    registry.warn(message, error)
    throw new RegistryError('damaged', message, { cause: error })
  }
}

function noteDamage(registry: Registry, file: StoredFile, reason: string): void {
  registry.tally.damageFound += 1
  registry.warn(`the stored bytes of "${file.path}" (blob ${file.blob.id}) are damaged: ${reason}`, undefined)
  changeAsSystem(registry, ({ trx, at }) => markBlobDamaged(trx, file.blob.id, at)).catch(error =>
    registry.warn(`could not mark blob ${file.blob.id} as damaged`, error),
  )
}

function damaged(file: StoredFile): RegistryError {
  return new RegistryError(
    'damaged',
    `the stored bytes of ${quote(file.path)} no longer have the sha256 they were accepted with; upload the file again or restore a backup`,
  )
}
