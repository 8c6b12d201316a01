/** Turns bytes that have arrived into a blob with a row. The same bytes are kept once in a team and place. */
import type { IngestedBlob } from '../../blobs/ingest.ts'
import { RegistryError } from '../../domain/errors.ts'
import type { StorageProvider } from '../../domain/storage-provider.ts'
import {
  findBlobByContent,
  insertBlob,
  markBlobDamaged,
  markBlobReferenced,
  markBlobsUnreferenced,
  replaceDamagedBlobs,
} from '../../metadata/blobs.ts'
import type { Queryable } from '../../metadata/database.ts'
import type { Registry } from '../registry.ts'
import { queueBlobReclaim } from './queue-blob-reclaim.ts'

interface Arrival {
  provider: StorageProvider
  blob: IngestedBlob
}

/** What refers to the blob. It runs in the transaction that makes the blob's row, or keeps it from being reclaimed. */
type Refer<T> = (trx: Queryable, blobId: string) => Promise<T>

/** @returns what `refer` does, once bytes and rows are durable. If `refer` throws, nothing of the arrival stays. */
export async function keepBytes<T extends object>(registry: Registry, arrival: Arrival, refer: Refer<T>): Promise<T> {
  await distrustLostBytes(registry, arrival)
  return (await referToKnownBytes(registry, arrival, refer)) ?? (await publishBytes(registry, arrival, refer))
}

/** Bytes that have gone missing on the disk must not swallow the good ones that have just arrived. */
async function distrustLostBytes(registry: Registry, arrival: Arrival): Promise<void> {
  const known = await findKnownBlob(registry.db.read, arrival)
  if (known === undefined) return
  const stored = await registry.storeOf(arrival.provider).stat(known)
  if (stored?.size === arrival.blob.size) return
  await registry.db.transaction(trx => markBlobDamaged(trx, known, registry.clock.now()))
}

/** The team may have these very bytes already: then those are referred to, and the copy that has just arrived is dropped. */
async function referToKnownBytes<T>(registry: Registry, arrival: Arrival, refer: Refer<T>): Promise<T | undefined> {
  return await registry.db.transaction(async trx => {
    const known = await findKnownBlob(trx, arrival)
    if (known === undefined) return undefined
    // From here on the blob can't be reclaimed: taking its row and referring to it are both decided by the database.
    await markBlobReferenced(trx, known)
    return await refer(trx, known)
  })
}

async function publishBytes<T>(registry: Registry, arrival: Arrival, refer: Refer<T>): Promise<T> {
  const { blob } = arrival
  registry.publishing.add(blob.id)
  await blob.publish().catch(error => {
    registry.publishing.delete(blob.id)
    throw error
  })
  try {
    const { result, isUsed } = await registry.db.transaction(async trx => {
      // Someone else may have published the same bytes meanwhile.
      const known = await findKnownBlob(trx, arrival)
      if (known === undefined) await addBlob(registry, trx, arrival)
      else await markBlobReferenced(trx, known)
      return { result: await refer(trx, known ?? blob.id), isUsed: known === undefined }
    })
    if (isUsed) registry.publishing.delete(blob.id)
    else await dropCopy(registry, arrival)
    return result
  } catch (error) {
    // A refusal of ours is certain to have left no row. After anything else it is not, and the sweep at the next start decides.
    if (error instanceof RegistryError) await dropCopy(registry, arrival)
    throw error
  }
}

/** Removes published bytes that get no row. What can't be removed now is swept at the next start; it is no reason to refuse anything. */
async function dropCopy(registry: Registry, { provider, blob }: Arrival): Promise<void> {
  await registry
    .storeOf(provider)
    .delete(blob.id)
    .catch(error => registry.warn(`the copy ${blob.id}, which nothing needs, could not be removed`, error))
  registry.publishing.delete(blob.id)
}

function findKnownBlob(db: Queryable, { provider, blob }: Arrival): Promise<string | undefined> {
  return findBlobByContent(db, { teamId: provider.teamId, storageProviderId: provider.id, sha256: blob.sha256 })
}

/** New intact bytes also heal: whatever refers to bytes that were found damaged, and promises just these, gets the new ones. */
async function addBlob(registry: Registry, trx: Queryable, { provider, blob }: Arrival): Promise<void> {
  const at = registry.clock.now()
  const { id, size, sha256 } = blob
  const row = { id, teamId: provider.teamId, storageProviderId: provider.id, size, sha256 }
  await insertBlob(trx, row, at)
  const replaced = await replaceDamagedBlobs(trx, row)
  if (await markBlobsUnreferenced(trx, replaced, at)) await queueBlobReclaim(registry, trx, at)
}
