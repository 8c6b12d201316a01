/** Turns bytes that have arrived into a blob with a row. The same bytes are kept once in a team and place. */
import { type BlobStore, explainStoreError, StoreUnavailableError } from '../../blobs/blob-store.ts'
import type { IngestedBlob } from '../../blobs/ingest.ts'
import { type BlobFacts, hashBlob } from '../../blobs/verified-read.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Blob } from '../../domain/blob.ts'
import type { StorageProvider } from '../../domain/storage-provider.ts'
import {
  findBlobByContent,
  insertBlob,
  lockBlobs,
  markBlobDamaged,
  markBlobReferenced,
  markBlobVerified,
  replaceDamagedBlobs,
} from '../../metadata/blobs.ts'
import type { Reader } from '../../metadata/database.ts'
import { type Change, change, changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'
import { releaseBlobs } from './release-blobs.ts'

interface ArrivedBlob {
  provider: StorageProvider
  blob: IngestedBlob
  /** Ends the upload, in the transaction that refers to the bytes. Throws when it has been given up meanwhile: then nothing may refer to them. */
  end(step: Change): Promise<void>
}

/** What will refer to the blob. Both steps run in the transaction that makes the blob's row, or keeps it from being reclaimed. */
export interface BlobLink<P extends Prepared, T> {
  /** Locks and checks what it needs. It comes before any lock on a blob: parents first, everywhere. */
  prepare(step: Change): Promise<P>
  /** Refers to the blob. */
  link(step: Change, blob: Pick<Blob, 'id' | 'size' | 'sha256'>, prepared: P): Promise<T>
}

export interface Prepared {
  /** The blobs that `link` lets go. */
  releases: string[]
}

/** @returns what `link` does, once bytes and rows are durable. */
export async function storeBlob<P extends Prepared, T extends object>(
  registry: Registry,
  actor: Actor,
  arrived: ArrivedBlob,
  target: BlobLink<P, T>,
): Promise<T> {
  const isKnown = await hasSameBytes(registry, arrived)
  return (
    (isKnown ? await linkKnownBlob(registry, actor, arrived, target) : undefined) ??
    (await publishBlob(registry, actor, arrived, target))
  )
}

/**
 * Whether the team has these very bytes. They are read again: what has rotted since it was stored must not take the place of the good copy in
 * hand. Damaged, missing and unreadable bytes lose their mark of being intact, so that the copy in hand replaces them. Throws
 * `StoreUnavailableError` when the store can't be asked for the moment.
 */
async function hasSameBytes(registry: Registry, arrived: ArrivedBlob): Promise<boolean> {
  const known = await findKnownBlob(registry.db.read, arrived)
  if (known === undefined) return false
  const problem = await findProblem(await registry.stores.of(arrived.provider), known, arrived.blob)
  if (problem === undefined) return true
  // A blob that was reclaimed while it was read is gone with its row, and nothing is wrong.
  const isDamaged = await changeAsSystem(registry, ({ trx, at }) => markBlobDamaged(trx, known, at))
  if (isDamaged) {
    registry.warn(`blob ${known} is damaged: ${problem}. The same bytes have just been uploaded and replace it`)
  }
  return false
}

async function findProblem(store: BlobStore, id: string, expected: BlobFacts): Promise<string | undefined> {
  try {
    const { size, sha256 } = await hashBlob(store, id)
    if (size === expected.size && sha256 === expected.sha256) return undefined
    return `it has ${size} bytes with the sha256 ${sha256}`
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error
    return explainStoreError(error)
  }
}

/** The team has these very bytes already: those are referred to, and the copy that has just arrived is dropped. Undefined when they have just gone. */
async function linkKnownBlob<P extends Prepared, T>(
  registry: Registry,
  actor: Actor,
  arrived: ArrivedBlob,
  { prepare, link }: BlobLink<P, T>,
): Promise<T | undefined> {
  return await change(registry, actor, 'file.put', async step => {
    const prepared = await prepare(step)
    const known = await referToKnownBlob(step, arrived, prepared)
    if (known === undefined) return undefined
    await arrived.end(step)
    return await link(step, { ...arrived.blob, id: known }, prepared)
  })
}

/** From here on the blob can't be reclaimed: taking its row and referring to it are both decided by the lock on that row. */
async function referToKnownBlob(
  { trx, at }: Change,
  arrived: ArrivedBlob,
  { releases }: Prepared,
): Promise<string | undefined> {
  const known = await findKnownBlob(trx, arrived)
  if (known === undefined) return undefined
  await lockBlobs(trx, [known, ...releases])
  if (!(await markBlobReferenced(trx, known))) return undefined
  // It was read a moment ago, or written.
  await markBlobVerified(trx, known, at)
  return known
}

async function publishBlob<P extends Prepared, T>(
  registry: Registry,
  actor: Actor,
  arrived: ArrivedBlob,
  { prepare, link }: BlobLink<P, T>,
): Promise<T> {
  const { blob, provider } = arrived
  await blob.publish()
  return await change(registry, actor, 'file.put', async step => {
    const prepared = await prepare(step)
    await arrived.end(step)
    while (!(await addBlob(registry, step, arrived))) {
      // Another upload has just stored the same bytes: its blob is referred to, and this copy goes.
      const known = await referToKnownBlob(step, arrived, prepared)
      // That one may have been reclaimed at once: then there is room for this copy after all.
      if (known === undefined) continue
      step.queue({
        kind: 'delete-bytes',
        key: blob.id,
        payload: { storageProviderId: provider.id, blobIds: [blob.id] },
      })
      return await link(step, { ...blob, id: known }, prepared)
    }
    return await link(step, blob, prepared)
  })
}

function findKnownBlob(db: Reader, { provider, blob }: ArrivedBlob): Promise<string | undefined> {
  return findBlobByContent(db, { teamId: provider.teamId, storageProviderId: provider.id, sha256: blob.sha256 })
}

/**
 * New intact bytes also heal: what refers to bytes that were found damaged, and promises just these, gets the new ones.
 * @returns false when an intact blob with these bytes is there already.
 */
async function addBlob(registry: Registry, step: Change, { provider, blob }: ArrivedBlob): Promise<boolean> {
  const { id, size, sha256 } = blob
  const row = { id, teamId: provider.teamId, storageProviderId: provider.id, size, sha256 }
  if (!(await insertBlob(step.trx, row, step.at))) return false
  await releaseBlobs(registry, step, await replaceDamagedBlobs(step.trx, row))
  return true
}
