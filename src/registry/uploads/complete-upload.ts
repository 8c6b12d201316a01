import { type PartSigner, signsParts } from '../../blobs/part-signer.ts'
import type { Actor } from '../../domain/actor.ts'
import { conflict, notFound, type RegistryError } from '../../domain/errors.ts'
import { requirePermission } from '../../domain/permissions.ts'
import { countParts, type PartedUpload, placeOfPart } from '../../domain/upload.ts'
import type { Reader } from '../../metadata/database.ts'
import { listReceivedParts } from '../../metadata/upload-parts.ts'
import { lockPartedUpload, updatePartedUpload } from '../../metadata/uploads.ts'
import { change } from '../change.ts'
import type { Registry } from '../registry.ts'
import { getOwnStorageProvider } from '../storage-providers/get-storage-provider.ts'
import { lockOwnDraft } from '../versions/get-version.ts'
import { getOwnUpload, requireOpen, type UploadRef } from './get-upload.ts'

/**
 * Ends the sending of parts: a job proves the whole and makes it a file of the draft. May be repeated. Throws `conflict` while parts are
 * missing, and when the upload has failed.
 */
export async function completeUpload(registry: Registry, actor: Actor, ref: UploadRef): Promise<PartedUpload> {
  requirePermission(actor, 'file.put')
  const seen = await getOwnUpload(registry.db.read, actor, ref)
  if (seen.state === 'verifying' || seen.state === 'complete') return seen
  requireOpen(seen)
  const provider = await getOwnStorageProvider(registry.db.read, actor, seen.storageProviderId)
  const store = await registry.stores.of(provider)
  if (signsParts(store)) requireAll(seen, await listStored(store, seen))
  return await change(registry, actor, 'file.put', async ({ trx, at, queue }) => {
    await lockOwnDraft(trx, actor, { modelId: seen.modelId, ref: String(seen.version) })
    const upload = await lockPartedUpload(trx, seen.id)
    if (!upload) throw notFound('upload', seen.id)
    if (upload.state === 'verifying' || upload.state === 'complete') return upload
    requireOpen(upload)
    if (!signsParts(store)) requireAll(upload, await listReceived(trx, upload))
    await updatePartedUpload(trx, upload.id, { state: 'verifying', receivedBytes: upload.size })
    queue({ kind: 'verify-upload', key: upload.id, payload: { uploadId: upload.id } })
    return { ...upload, state: 'verifying', receivedBytes: upload.size, expiresAt: Math.max(upload.expiresAt, at) }
  })
}

async function listStored(store: PartSigner, { blobId, staging }: PartedUpload): Promise<Map<number, number>> {
  const sizes = new Map<number, number>()
  for await (const { number, size } of store.listStoredParts(blobId, staging ?? '')) sizes.set(number, size)
  return sizes
}

async function listReceived(db: Reader, upload: PartedUpload): Promise<Map<number, number>> {
  const slice = { after: undefined, limit: countParts(upload), order: 'asc' } as const
  const { items } = await listReceivedParts(db, upload.id, slice)
  return new Map(items.map(({ number, size }) => [number, size]))
}

function requireAll(upload: PartedUpload, sizes: Map<number, number>): void {
  const missing: number[] = []
  for (let number = 1; number <= countParts(upload); number++) {
    if (sizes.get(number) !== placeOfPart(upload, number).size) missing.push(number)
  }
  if (missing.length > 0) throw partsMissing(upload, missing)
}

/** More of them would only make a long sentence. */
const SHOWN = 20

function partsMissing({ id }: PartedUpload, missing: number[]): RegistryError {
  const shown = missing.slice(0, SHOWN).join(', ')
  const more = missing.length > SHOWN ? ` and ${missing.length - SHOWN} more` : ''
  return conflict(`parts have not been received: ${shown}${more}; send them, then complete the upload again`, {
    kind: 'upload',
    id,
  })
}
