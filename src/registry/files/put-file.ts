import type { Readable } from 'node:stream'
import type { BlobStore } from '../../blobs/blob-store.ts'
import { type IngestedBlob, ingest } from '../../blobs/ingest.ts'
import {
  findBlobByContent,
  insertBlob,
  markBlobReferenced,
  markBlobsUnreferenced,
  replaceDamagedBlobs,
} from '../../metadata/blobs.ts'
import type { Queryable } from '../../metadata/database.ts'
import { findClashingPath, findFile, upsertFile } from '../../metadata/files.ts'
import { countDraftChange } from '../../metadata/versions.ts'
import type { Actor } from '../actor.ts'
import { requireStillAuthenticated } from '../api-keys/authenticate.ts'
import { conflict, invalidArgument, RegistryError } from '../errors.ts'
import { recordEvent } from '../events/record-event.ts'
import { newId } from '../ids.ts'
import { queueBlobReclaim } from '../jobs/queue-blob-reclaim.ts'
import { getOwnModel } from '../models/get-model.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'
import { getStorageProviderOf } from '../storage-providers/get-storage-provider.ts'
import type { StorageProvider } from '../storage-providers/storage-provider.ts'
import { getOwnVersion, type VersionRef } from '../versions/get-version.ts'
import { requireDraft, type Version } from '../versions/version.ts'
import { translateBlobError } from './blob-errors.ts'
import type { StoredFile } from './file.ts'
import { findPathProblem, folderKeys, pathKey } from './file-path.ts'
import { getFileOf } from './get-file.ts'

export interface FileUpload extends VersionRef {
  path: string
  body: Readable
  contentType: string
  /** What the sender says the bytes are. Checked before anything is published. */
  expected: { size?: number; sha256?: string }
}

/** What the transaction at the end of an upload needs to know. */
interface Arrival {
  version: Version
  path: string
  contentType: string
  provider: StorageProvider
  blob: IngestedBlob
}

/**
 * Takes a file into a draft; a file already at the path is replaced. Bytes first, row last: the answer comes after both are on disk, and
 * an upload that breaks off at any point leaves nothing that anyone can see.
 */
export async function putFile(registry: Registry, actor: Actor, upload: FileUpload): Promise<StoredFile> {
  requireRole(actor, 'writer')
  const problem = findPathProblem(upload.path)
  if (problem) throw invalidArgument('path', problem)
  // Asked before the first byte is read, and again in the transaction: both may change during a long upload.
  const { model, version } = await getOwnVersion(registry.db.read, actor, upload)
  requireDraft(version)
  const provider = await getStorageProviderOf(registry.db.read, model)
  const blob = await takeBytes(registry, registry.storeOf(provider), upload)
  const arrival: Arrival = { version, path: upload.path, contentType: upload.contentType, provider, blob }
  try {
    return (await referToKnownBytes(registry, actor, arrival)) ?? (await publishBytes(registry, actor, arrival))
  } finally {
    await blob.discard()
  }
}

async function takeBytes(registry: Registry, store: BlobStore, upload: FileUpload): Promise<IngestedBlob> {
  try {
    const { maxFileBytes: maxBytes } = registry.limits
    return await ingest(store, newId('blob'), upload.body, { maxBytes, expected: upload.expected })
  } catch (error) {
    throw translateBlobError(error)
  }
}

/** The team may have these very bytes already: then the file refers to them, and the copy that just arrived is dropped unpublished. */
async function referToKnownBytes(registry: Registry, actor: Actor, arrival: Arrival): Promise<StoredFile | undefined> {
  return await registry.db.transaction(async trx => {
    const known = await findKnownBlob(trx, arrival)
    if (known === undefined) return undefined
    // From here on the blob can't be reclaimed: taking its row and referring to it are both decided by the database.
    await markBlobReferenced(trx, known)
    return await addFile(registry, trx, actor, arrival, known)
  })
}

async function publishBytes(registry: Registry, actor: Actor, arrival: Arrival): Promise<StoredFile> {
  const { blob, provider } = arrival
  const store = registry.storeOf(provider)
  registry.publishing.add(blob.id)
  try {
    await blob.publish()
    const { file, isUsed } = await registry.db.transaction(async trx => {
      // Someone else may have published the same bytes meanwhile.
      const known = await findKnownBlob(trx, arrival)
      if (known === undefined) await addBlob(registry, trx, arrival)
      else await markBlobReferenced(trx, known)
      return { file: await addFile(registry, trx, actor, arrival, known ?? blob.id), isUsed: known === undefined }
    })
    if (!isUsed) await store.delete(blob.id)
    registry.publishing.delete(blob.id)
    return file
  } catch (error) {
    // A refusal of ours is certain to have left no row. After anything else it is not, and the sweep at the next start decides.
    if (error instanceof RegistryError) {
      await store.delete(blob.id)
      registry.publishing.delete(blob.id)
    }
    throw translateBlobError(error)
  }
}

function findKnownBlob(trx: Queryable, { provider, blob }: Arrival): Promise<string | undefined> {
  return findBlobByContent(trx, { teamId: provider.teamId, storageProviderId: provider.id, sha256: blob.sha256 })
}

/** New intact bytes also heal: files whose stored bytes were found damaged, and that promise just these bytes, get the new ones. */
async function addBlob(registry: Registry, trx: Queryable, { provider, blob }: Arrival): Promise<void> {
  const at = registry.clock.now()
  const { id, size, sha256 } = blob
  const row = { id, teamId: provider.teamId, storageProviderId: provider.id, size, sha256 }
  await insertBlob(trx, row, at)
  const replaced = await replaceDamagedBlobs(trx, row)
  if (await markBlobsUnreferenced(trx, replaced, at)) await queueBlobReclaim(registry, trx, at)
}

async function addFile(
  registry: Registry,
  trx: Queryable,
  actor: Actor,
  { version, path, contentType, blob }: Arrival,
  blobId: string,
): Promise<StoredFile> {
  const at = registry.clock.now()
  await requireStillAuthenticated(trx, actor, at)
  // The rows of a deleted model go in the background, so its versions may still be there.
  await getOwnModel(trx, actor, version.modelId)
  const key = pathKey(path)
  const clash = await findClashingPath(trx, version, { path, key, folderKeys: folderKeys(key) })
  if (clash !== undefined) throw pathClash(path, clash)
  const replaced = await findFile(trx, version, path)
  const change = { files: replaced ? 0 : 1, bytes: blob.size - (replaced?.size ?? 0), at }
  if (!(await countDraftChange(trx, version, change))) throw noLongerDraft(version)
  await upsertFile(trx, version, { path, key, blobId, contentType, createdAt: at })
  if (replaced && (await markBlobsUnreferenced(trx, [replaced.blob.id], at))) await queueBlobReclaim(registry, trx, at)
  const { modelId, number } = version
  const { size, sha256 } = blob
  await recordEvent(trx, actor, { kind: 'file.put', at, modelId, version: number, details: { path, size, sha256 } })
  return await getFileOf(trx, version, path)
}

function pathClash(path: string, other: string) {
  const reason =
    pathKey(path) === pathKey(other) ? 'differs from it only in case' : 'would have to be a folder and a file at once'
  return conflict(`path "${path}" can't stand beside "${other}": it ${reason}`)
}

export function noLongerDraft(version: Version) {
  return conflict(`version ${version.number} was committed or deleted meanwhile, its files can't change`)
}
