import type { BlobStore } from '../../blobs/blob-store.ts'
import type { JobPayloads } from '../../domain/job.ts'
import { filterKnownBlobs } from '../../metadata/blobs.ts'
import { findStorageProvider } from '../../metadata/storage-providers.ts'
import type { Registry } from '../registry.ts'

/** Removals at a time: a disk does many at once, and none of them holds up the event loop. */
const AT_ONCE = 8

/**
 * Removes the bytes, staged or published, of blobs whose rows are gone. May be repeated. One that can't be removed doesn't keep the others;
 * it is reported after them.
 */
export async function deleteBytes(
  registry: Registry,
  { storageProviderId, blobIds, staging = {} }: JobPayloads['delete-bytes'],
): Promise<void> {
  // The row goes first, for good. Where there is one, the bytes are in use, whatever a job says.
  const known = await filterKnownBlobs(registry.db.read, blobIds)
  const provider = await findStorageProvider(registry.db.read, storageProviderId)
  if (!provider) return
  const store = await registry.stores.of(provider)
  const gone = blobIds.filter(id => !known.has(id))
  const failures: unknown[] = []
  for (let index = 0; index < gone.length; index += AT_ONCE) {
    const results = await Promise.allSettled(
      gone.slice(index, index + AT_ONCE).map(id => deleteBlob(store, id, staging[id])),
    )
    for (const result of results) if (result.status === 'rejected') failures.push(result.reason)
  }
  if (failures.length > 0) throw failures[0]
}

/** Published or not. First what is staged: from then on it can't be published any more. */
async function deleteBlob(store: BlobStore, id: string, reference: string | undefined): Promise<void> {
  await store.discardStaged(id, reference)
  await store.delete(id)
}
