import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { ingestInto } from '../../blobs/ingest.ts'
import { type PartReceiver, receivesParts } from '../../blobs/part-receiver.ts'
import type { DeclaredBytes } from '../../domain/declared-bytes.ts'
import { conflict, invalidArgument, notFound, permissionDenied, type RegistryError } from '../../domain/errors.ts'
import { type PartedUpload, placeOfPart, type UploadPart } from '../../domain/upload.ts'
import { findStorageProvider } from '../../metadata/storage-providers.ts'
import { claimPart, finishPart, type PartClaim, releasePart } from '../../metadata/upload-parts.ts'
import { findPartedUpload, lockPartedUpload, updatePartedUpload } from '../../metadata/uploads.ts'
import { requireUsableKey } from '../api-keys/authenticate.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'
import { requireOpen } from './get-upload.ts'
import type { PartGrant } from './part-signatures.ts'
import { IDLE_MS } from './upload-times.ts'

export interface ArrivingPart {
  grant: PartGrant
  signature: string
  declared: DeclaredBytes
}

/**
 * Takes one part of an upload; a later sending of the same part takes the place of an earlier one. The bytes are durable when it resolves.
 * Throws `permission_denied` for a grant that is not good or no longer so, `conflict` when the upload is not open or another sending has begun,
 * and what `ingestInto` throws.
 */
export async function receivePart(
  registry: Registry,
  { grant, signature, declared }: ArrivingPart,
  body: Readable,
): Promise<UploadPart> {
  requireGranted(registry, grant, signature)
  const upload = await findPartedUpload(registry.db.read, grant.uploadId)
  if (!upload) throw notFound('upload', grant.uploadId)
  requireOpen(upload)
  const store = await findReceiver(registry, upload)
  const place = placeOfPart(upload, grant.number)
  if (declared.size !== undefined && declared.size !== place.size) {
    throw invalidArgument('size', `of part ${grant.number} must be ${place.size} bytes, not ${declared.size}`)
  }
  return await alone(registry, grant, async signal => {
    const claim = await takeClaim(registry, grant)
    signal.addEventListener('abort', () => body.destroy(superseded(grant)), { once: true })
    try {
      if (signal.aborted) throw superseded(grant)
      const open = () => store.openPart(upload.blobId, upload.staging ?? '', place.offset)
      const part = await ingestInto(open, body, {
        maxBytes: place.size,
        expected: { ...declared, size: place.size },
      })
      await part.publish()
      return await finish(registry, claim, part)
    } catch (error) {
      await changeAsSystem(registry, ({ trx }) => releasePart(trx, claim)).catch(failure =>
        registry.warn(`a part of the upload ${upload.id} could not be given up`, failure),
      )
      throw signal.aborted ? superseded(grant) : error
    }
  })
}

function requireGranted(registry: Registry, grant: PartGrant, signature: string): void {
  if (!registry.partSignatures.check(grant, signature)) {
    throw permissionDenied('the URL of this part is not one that the registry has given out; ask for the parts again')
  }
  if (grant.expiresAt <= registry.clock.now()) {
    throw permissionDenied('the URL of this part can no longer be used; ask for the parts again')
  }
}

async function findReceiver(registry: Registry, upload: PartedUpload): Promise<PartReceiver> {
  const provider = await findStorageProvider(registry.db.read, upload.storageProviderId)
  if (!provider) throw notFound('storage-provider', upload.storageProviderId)
  const store = await registry.stores.of(provider)
  if (!receivesParts(store)) throw conflict('the parts of this upload go to its storage provider directly')
  return store
}

/** Runs after an earlier sending of the same part to this process has been stopped: two must never write the same bytes at once. */
async function alone<T>(
  { arrivingParts }: Registry,
  { uploadId, number }: PartGrant,
  receive: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const key = `${uploadId}/${number}`
  const earlier = arrivingParts.get(key)
  const controller = new AbortController()
  const receiving = (async () => {
    await earlier?.stop()
    return await receive(controller.signal)
  })()
  const entry = {
    async stop() {
      controller.abort()
      await receiving.catch(() => {})
    },
  }
  arrivingParts.set(key, entry)
  try {
    return await receiving
  } finally {
    if (arrivingParts.get(key) === entry) arrivingParts.delete(key)
  }
}

async function takeClaim(registry: Registry, { uploadId, number }: PartGrant): Promise<PartClaim> {
  const claim = { uploadId, number, claim: randomBytes(12).toString('hex') }
  await changeAsSystem(registry, async ({ trx, at }) => {
    const seen = await findPartedUpload(trx, uploadId)
    if (!seen) throw notFound('upload', uploadId)
    await requireUsableKey(trx, seen.apiKeyId, at)
    const upload = requireOpen((await lockPartedUpload(trx, uploadId)) ?? seen)
    const { lostBytes, unfinished } = await claimPart(trx, claim)
    await updatePartedUpload(trx, uploadId, {
      expiresAt: at + IDLE_MS,
      receivedBytes: upload.receivedBytes - lostBytes,
      // Another process has begun to write these bytes, and nobody can tell whether it still does.
      isContested: upload.isContested || unfinished !== undefined,
    })
  })
  return claim
}

async function finish(
  registry: Registry,
  claim: PartClaim,
  { size, sha256 }: { size: number; sha256: string },
): Promise<UploadPart> {
  await changeAsSystem(registry, async ({ trx, at }) => {
    const upload = await lockPartedUpload(trx, claim.uploadId)
    if (!upload) throw notFound('upload', claim.uploadId)
    requireOpen(upload)
    if (!(await finishPart(trx, claim, { size, sha256 }))) throw superseded(claim)
    await updatePartedUpload(trx, upload.id, {
      expiresAt: at + IDLE_MS,
      receivedBytes: upload.receivedBytes + size,
    })
  })
  return { number: claim.number, size, sha256 }
}

function superseded({ uploadId, number }: { uploadId: string; number: number }): RegistryError {
  return conflict(`part ${number} is being sent again by another request, which takes the place of this one`, {
    kind: 'upload',
    id: uploadId,
  })
}
