import { filterKnownBlobs } from '../../metadata/blobs.ts'
import { findStorageProvider } from '../../metadata/storage-providers.ts'
import type { Registry } from '../registry.ts'

/** Removes the bytes of a blob whose row is gone. May be repeated. */
export async function deleteBytes(registry: Registry, providerId: string, blobId: string): Promise<void> {
  // The row goes first, for good. Where there is one, the bytes are in use, whatever a job says.
  const isKnown = (await filterKnownBlobs(registry.db.read, [blobId])).has(blobId)
  if (isKnown) return
  const provider = await findStorageProvider(registry.db.read, providerId)
  if (provider) await registry.storeOf(provider).delete(blobId)
}
