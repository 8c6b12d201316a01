import type { BlobStore } from '../../blobs/blob-store.ts'
import { TooManyBytesError } from '../../blobs/ingest.ts'
import { receivesParts } from '../../blobs/part-receiver.ts'
import { signsParts } from '../../blobs/part-signer.ts'
import type { Actor } from '../../domain/actor.ts'
import { conflict, invalidArgument } from '../../domain/errors.ts'
import { findPathProblem } from '../../domain/file-path.ts'
import { newId } from '../../domain/ids.ts'
import { requirePermission } from '../../domain/permissions.ts'
import { choosePartSize, type PartedUpload } from '../../domain/upload.ts'
import { requireDraft } from '../../domain/version.ts'
import { findPartedUpload, insertPartedUpload, listPartedUploads } from '../../metadata/uploads.ts'
import { change } from '../change.ts'
import type { Registry } from '../registry.ts'
import { getStorageProviderOf, keepStorageProvider } from '../storage-providers/get-storage-provider.ts'
import { getOwnVersion, lockOwnDraft, type VersionRef } from '../versions/get-version.ts'
import { abandonUpload, noteStagingOf } from './end-upload.ts'
import { requireRoom } from './require-room.ts'
import { IDLE_MS } from './upload-times.ts'

export interface NewUpload extends VersionRef {
  path: string
  /** In bytes. */
  size: number
  /** In hex of either case. Compared with the bytes before they become a file. */
  sha256?: string | undefined
  contentType: string
}

/** Each holds a row, and room in the store: a sender that only ever begins must end somewhere. */
const OPEN_MAX = 1000

/**
 * Begins an upload in parts into a draft. Throws `invalid_argument`, `too_large`, `not_found`, and `conflict` for a version that is committed
 * or has too many open uploads.
 */
export async function createUpload(registry: Registry, actor: Actor, input: NewUpload): Promise<PartedUpload> {
  requirePermission(actor, 'file.put')
  requireSound(registry, input)
  const { model, version } = await getOwnVersion(registry.db.read, actor, input)
  requireDraft(version)
  const provider = await getStorageProviderOf(registry.db.read, model)
  const store = await registry.stores.of(provider)
  await requireRoom(store, input.size)
  const upload = await change(registry, actor, 'file.put', async ({ trx, actor: { teamId, userId, apiKeyId }, at }) => {
    await keepStorageProvider(trx, provider)
    const { modelId, number } = await lockOwnDraft(trx, actor, { modelId: model.id, ref: String(version.number) })
    const { next } = await listPartedUploads(
      trx,
      { modelId, number },
      { after: undefined, limit: OPEN_MAX - 1, order: 'asc' },
    )
    if (next !== undefined) throw tooManyOpen(number)
    const begun: PartedUpload = {
      id: newId('upload'),
      teamId,
      modelId,
      version: number,
      path: input.path,
      storageProviderId: provider.id,
      blobId: newId('blob'),
      staging: null,
      userId,
      apiKeyId,
      createdAt: at,
      expiresAt: at + IDLE_MS,
      state: 'open',
      contentType: input.contentType,
      size: input.size,
      sha256: input.sha256?.toLowerCase() ?? null,
      partSize: choosePartSize(input.size, registry.limits.minPartBytes),
      receivedBytes: 0,
      problem: null,
      isContested: false,
    }
    await insertPartedUpload(trx, begun)
    return begun
  })
  // A repeated request gets the upload that the first one has begun.
  return (await findWithRoom(registry, upload)) ?? (await makeRoom(registry, store, upload))
}

async function makeRoom(registry: Registry, store: BlobStore, upload: PartedUpload): Promise<PartedUpload> {
  try {
    const staging = await openParts(store, upload.blobId)
    await noteStagingOf(registry, upload, staging)
    return { ...upload, staging }
  } catch (error) {
    const other = await findWithRoom(registry, upload)
    if (other) return other
    await abandonUpload(registry, upload)
    throw error
  }
}

async function findWithRoom({ db }: Registry, { id }: PartedUpload): Promise<PartedUpload | undefined> {
  const upload = await findPartedUpload(db.read, id)
  return upload?.staging === null ? undefined : upload
}

function requireSound({ limits }: Registry, { path, size, sha256 }: NewUpload): void {
  const problem = findPathProblem(path)
  if (problem) throw invalidArgument('path', problem)
  if (!Number.isSafeInteger(size) || size < 0) throw invalidArgument('size', 'must be the number of bytes of the file')
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw invalidArgument('sha256', 'must be 64 hexadecimal digits')
  }
  if (size > limits.maxFileBytes) throw new TooManyBytesError(limits.maxFileBytes)
}

async function openParts(store: BlobStore, blobId: string): Promise<string> {
  if (signsParts(store)) return await store.beginParts(blobId)
  if (receivesParts(store)) return await store.createParts(blobId)
  throw conflict('this storage provider takes each file in one request only')
}

function tooManyOpen(number: number) {
  const message = `version ${number} has ${OPEN_MAX} open uploads; complete or delete some of them first`
  return conflict(message, { kind: 'version', id: String(number) })
}
