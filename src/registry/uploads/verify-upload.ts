import { createHash, type Hash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { BlobStore } from '../../blobs/blob-store.ts'
import { receivesParts } from '../../blobs/part-receiver.ts'
import { type StoredPart, signsParts } from '../../blobs/part-signer.ts'
import type { KeyActor } from '../../domain/actor.ts'
import { RegistryError } from '../../domain/errors.ts'
import type { StorageProvider } from '../../domain/storage-provider.ts'
import { countParts, type PartedUpload } from '../../domain/upload.ts'
import { findStorageProvider } from '../../metadata/storage-providers.ts'
import { listReceivedParts } from '../../metadata/upload-parts.ts'
import { findPartedUpload, lockPartedUpload, updatePartedUpload } from '../../metadata/uploads.ts'
import { actAs } from '../api-keys/authenticate.ts'
import { storeBlob } from '../blobs/store-blob.ts'
import { type Change, changeAsSystem } from '../change.ts'
import { addFile, prepareFile } from '../files/add-file.ts'
import type { Registry } from '../registry.ts'
import { removalOf } from './end-upload.ts'
import { KEEP_ENDED_MS } from './upload-times.ts'

/**
 * Proves the bytes of an upload whose parts have all been sent, by reading them back, and makes them a file of the draft. What can't become one
 * fails for good, and its bytes go; what passes by itself is thrown, and the job tried again. May be repeated from the start.
 */
export async function verifyUpload(registry: Registry, { uploadId }: { uploadId: string }): Promise<void> {
  const upload = await findPartedUpload(registry.db.read, uploadId)
  if (upload?.state !== 'verifying') return
  try {
    const provider = await findStorageProvider(registry.db.read, upload.storageProviderId)
    if (!provider) throw new RegistryError('not_found', 'the storage provider of the upload is gone')
    const actor = await actAs(registry, upload)
    const store = await registry.stores.of(provider)
    await publish(store, upload)
    const sha256 = await proveBytes(registry, store, upload)
    await makeFile(registry, actor, provider, { ...upload, sha256 })
  } catch (error) {
    if (!isFinal(error)) throw error
    await fail(registry, upload, error.message)
  }
}

/** Another try of the rest may succeed. */
function isFinal(error: unknown): error is RegistryError {
  return error instanceof RegistryError && error.code !== 'unavailable' && error.code !== 'storage_full'
}

async function publish(store: BlobStore, upload: PartedUpload): Promise<void> {
  const { blobId, size, isContested } = upload
  const staging = upload.staging ?? ''
  if (signsParts(store)) {
    if ((await store.stat(blobId))?.size === size) return
    const parts: StoredPart[] = []
    for await (const part of store.listStoredParts(blobId, staging)) parts.push(part)
    await store.completeParts(blobId, staging, parts, size)
  } else if (receivesParts(store)) {
    await store.publishParts(blobId, staging, { size, copy: isContested })
  }
}

/** @returns the sha256 of all bytes. Throws `invalid_argument` when it, or that of a part, is not the one that was received or declared. */
async function proveBytes(registry: Registry, store: BlobStore, upload: PartedUpload): Promise<string> {
  const { size, stream, recycle } = await store.read(upload.blobId)
  if (size !== upload.size) {
    stream.destroy()
    throw new RegistryError('invalid_argument', `the store has ${size} bytes of the file, not ${upload.size}`)
  }
  // With the sha256 of the whole declared and no doubt about the parts, hashing each of them again would only cost time.
  const parts = upload.isContested || upload.sha256 === null ? await listPartDigests(registry, upload) : new Map()
  const sha256 = await digest(stream, recycle, { partSize: upload.partSize, parts })
  if (upload.sha256 !== null && sha256 !== upload.sha256) {
    throw new RegistryError(
      'invalid_argument',
      `the bytes received have the sha256 ${sha256}, not ${upload.sha256} as declared; nothing was kept`,
    )
  }
  return sha256
}

async function listPartDigests(registry: Registry, upload: PartedUpload): Promise<Map<number, string>> {
  const slice = { after: undefined, limit: countParts(upload), order: 'asc' } as const
  const { items } = await listReceivedParts(registry.db.read, upload.id, slice)
  return new Map(items.flatMap(({ number, sha256 }) => (sha256 === null ? [] : [[number, sha256] as const])))
}

async function digest(
  stream: Readable,
  recycle: ((chunk: Buffer) => void) | undefined,
  { partSize, parts }: { partSize: number; parts: Map<number, string> },
): Promise<string> {
  const whole = createHash('sha256')
  const checker = parts.size > 0 ? new PartChecker(partSize, parts) : undefined
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    whole.update(chunk)
    checker?.update(chunk)
    recycle?.(chunk)
  }
  checker?.finish()
  return whole.digest('hex')
}

/** Compares each part of a stream with the sha256 that was noted when it arrived. */
class PartChecker {
  readonly #partSize: number
  readonly #expected: Map<number, string>
  #hash: Hash = createHash('sha256')
  #number = 1
  #taken = 0

  constructor(partSize: number, expected: Map<number, string>) {
    this.#partSize = partSize
    this.#expected = expected
  }

  update(chunk: Buffer): void {
    let rest = chunk
    while (rest.length > 0) {
      if (this.#taken === this.#partSize) this.#endPart()
      const piece = rest.subarray(0, this.#partSize - this.#taken)
      this.#hash.update(piece)
      this.#taken += piece.length
      rest = rest.subarray(piece.length)
    }
  }

  finish(): void {
    this.#endPart()
  }

  #endPart(): void {
    const expected = this.#expected.get(this.#number)
    const actual = this.#hash.digest('hex')
    if (expected !== undefined && actual !== expected) {
      throw new RegistryError(
        'invalid_argument',
        `part ${this.#number} is not stored as it was received; send the file again`,
      )
    }
    this.#hash = createHash('sha256')
    this.#number += 1
    this.#taken = 0
  }
}

async function makeFile(
  registry: Registry,
  actor: KeyActor,
  provider: StorageProvider,
  upload: PartedUpload & { sha256: string },
): Promise<void> {
  const { blobId, size, sha256, modelId, version, path, contentType } = upload
  const file = { modelId, version, path, contentType }
  // The bytes are published already: what is not needed of them is removed by a job.
  const blob = { id: blobId, size, sha256, publish: async () => {}, discard: async () => {} }
  const end = async ({ trx, at }: Change) => {
    const now = await lockPartedUpload(trx, upload.id)
    if (now?.state !== 'verifying') throw new RegistryError('conflict', 'the upload has been given up')
    await updatePartedUpload(trx, upload.id, { state: 'complete', sha256, expiresAt: at + KEEP_ENDED_MS })
  }
  await storeBlob(
    registry,
    actor,
    { provider, blob, end },
    {
      prepare: step => prepareFile(step, actor, file),
      async link(step, known, place) {
        if (known.id !== blobId) step.queue(removalOf(upload))
        return await addFile(registry, step, { file, blob: known, place })
      },
    },
  )
}

/** Says why, and lets the bytes go. */
async function fail(registry: Registry, { id }: PartedUpload, problem: string): Promise<void> {
  await changeAsSystem(registry, async ({ trx, at, queue }) => {
    const upload = await lockPartedUpload(trx, id)
    if (upload?.state !== 'verifying') return
    await updatePartedUpload(trx, id, { state: 'failed', problem, expiresAt: at + KEEP_ENDED_MS })
    queue(removalOf(upload))
  })
}
