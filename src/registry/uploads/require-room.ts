import { type BlobStore, StoreFullError } from '../../blobs/blob-store.ts'

/** Throws `StoreFullError` where the store has no room for so many bytes beside its reserve: better before they are sent than after. */
export async function requireRoom(store: BlobStore, bytes: number): Promise<void> {
  const capacity = await store.capacity()
  if (capacity && capacity.freeBytes - capacity.reserveBytes < bytes) throw new StoreFullError()
}
