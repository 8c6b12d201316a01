/**
 * The life of an upload: a row before the first byte, the bytes, and then blob, file and the end of the row in one transaction. So every
 * process can tell what is arriving from what was left behind.
 */
import type { Readable } from 'node:stream'
import { type IngestedBlob, ingest } from '../../blobs/ingest.ts'
import type { Actor } from '../../domain/actor.ts'
import { newId } from '../../domain/ids.ts'
import type { StorageProvider } from '../../domain/storage-provider.ts'
import type { Upload } from '../../domain/upload.ts'
import type { Version } from '../../domain/version.ts'
import { deleteUpload, insertUpload, noteStaging } from '../../metadata/uploads.ts'
import { type BlobLink, type Prepared, storeBlob } from '../blobs/store-blob.ts'
import { change, changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'
import { givenUp, removalOf } from './end-upload.ts'

/** An upload counts as abandoned when its process has not renewed it for this long, in ms. See renew-uploads.ts. */
export const UPLOAD_LEASE_MS = 15 * 60_000

export interface ArrivingBytes {
  provider: StorageProvider
  version: Version
  path: string
  body: Readable
  /** What the sender says the bytes are: `size` in bytes, `sha256` in hex. Checked before anything is published. */
  expected: { size?: number; sha256?: string }
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
      return await storeBlob(registry, actor, { upload, provider, blob }, target)
    } finally {
      await discard(registry, blob)
    }
  } catch (error) {
    await abandonUpload(registry, upload)
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

/** Throws `unavailable` when the upload has been given up meanwhile: nothing may be staged any more then. */
async function noteStagingOf(registry: Registry, upload: Upload, reference: string): Promise<void> {
  const isThere = await changeAsSystem(registry, ({ trx }) => noteStaging(trx, upload.id, reference))
  if (!isThere) throw givenUp(upload)
}

/** What can't be removed from the staging now is swept later. */
async function discard(registry: Registry, blob: IngestedBlob): Promise<void> {
  await blob.discard().catch(error => registry.warn('the staging of an upload could not be removed', error))
}

/**
 * Ends an upload that came to nothing. Also right after a commit of which nobody knows what became: where it was kept, the upload's row is gone and
 * nothing is removed.
 */
async function abandonUpload(registry: Registry, { id }: Upload): Promise<void> {
  const end = changeAsSystem(registry, async ({ trx, queue }) => {
    const upload = await deleteUpload(trx, id)
    if (upload) queue(removalOf(upload))
  })
  // Its time runs out by itself then.
  await end.catch(error => registry.warn(`the upload ${id} could not be ended`, error))
}
