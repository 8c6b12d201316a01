/**
 * The life of an upload: a row before the first byte, the bytes, and then blob, file and the end of the row in one transaction. So every
 * process can tell what is arriving from what was left behind.
 */
import type { Readable } from 'node:stream'
import { type IngestedBlob, ingest } from '../../blobs/ingest.ts'
import type { Actor } from '../../domain/actor.ts'
import type { DeclaredBytes } from '../../domain/declared-bytes.ts'
import { newId } from '../../domain/ids.ts'
import type { StorageProvider } from '../../domain/storage-provider.ts'
import type { Upload } from '../../domain/upload.ts'
import type { Version } from '../../domain/version.ts'
import { insertUpload } from '../../metadata/uploads.ts'
import { type BlobLink, type Prepared, storeBlob } from '../blobs/store-blob.ts'
import { type Change, change } from '../change.ts'
import type { Registry } from '../registry.ts'
import { keepStorageProvider } from '../storage-providers/get-storage-provider.ts'
import { abandonUpload, endUpload, noteStagingOf, removeLateBytes, UploadGivenUpError } from './end-upload.ts'
import { requireRoom } from './require-room.ts'

/** An upload counts as abandoned when its process has not renewed it for this long, in ms. See renew-uploads.ts. */
export const UPLOAD_LEASE_MS = 15 * 60_000

export interface ArrivingBytes {
  provider: StorageProvider
  version: Version
  path: string
  body: Readable
  /** What the sender says the bytes are: `size` in bytes, `sha256` in hex. Checked before anything is published. */
  expected: DeclaredBytes
}

/**
 * Takes bytes in and makes them a blob that `target` refers to. When it rejects, nothing of them stays: what can't be removed at once is removed
 * by a job.
 */
export async function receiveUpload<P extends Prepared, T extends object>(
  registry: Registry,
  actor: Actor,
  arriving: ArrivingBytes,
  target: BlobLink<P, T>,
): Promise<T> {
  const { provider, body, expected } = arriving
  await requireRoom(await registry.stores.of(provider), expected.size ?? 1)
  const upload = await beginUpload(registry, actor, arriving)
  registry.arrivingUploads.add(upload.id)
  try {
    const store = await registry.stores.of(provider)
    const blob = await ingest(store, upload.blobId, body, {
      maxBytes: registry.limits.maxFileBytes,
      expected,
      noteStaging: reference => noteStagingOf(registry, upload, reference),
    })
    try {
      const end = ({ trx }: Change) => endUpload(trx, upload)
      return await storeBlob(registry, actor, { provider, blob, end }, target)
    } finally {
      await discard(registry, blob)
    }
  } catch (error) {
    if (error instanceof UploadGivenUpError) await removeLateBytes(registry, upload)
    else await abandonUpload(registry, upload)
    throw error
  } finally {
    registry.arrivingUploads.delete(upload.id)
  }
}

async function beginUpload(
  registry: Registry,
  actor: Actor,
  { provider, version, path }: ArrivingBytes,
): Promise<Upload> {
  return await change(registry, actor, 'file.put', async ({ trx, actor: { teamId, userId, apiKeyId }, at }) => {
    await keepStorageProvider(trx, provider)
    const upload: Upload = {
      id: newId('upload'),
      teamId,
      modelId: version.modelId,
      version: version.number,
      path,
      storageProviderId: provider.id,
      blobId: newId('blob'),
      staging: null,
      userId,
      apiKeyId,
      createdAt: at,
      expiresAt: at + UPLOAD_LEASE_MS,
    }
    await insertUpload(trx, upload)
    return upload
  })
}

/** What can't be removed from the staging now is swept later. */
async function discard(registry: Registry, blob: IngestedBlob): Promise<void> {
  await blob.discard().catch(error => registry.warn('the staging of an upload could not be removed', error))
}
