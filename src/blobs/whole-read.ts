/** Reading a small blob in one go: for many small ones, streams cost several times what the bytes do. */
import { buffer } from 'node:stream/consumers'
import type { BlobStore } from './blob-store.ts'

/** What is stored under an id: `size` in bytes as stored, and its first bytes, up to as many as were asked for. */
export interface WholeBlob {
  size: number
  bytes: Buffer
}

/** A power of stores that can read a blob into memory without a stream. */
export interface WholeReader {
  /** Throws as `BlobStore.read` does. `size` is what the blob should have: never more than that is read. */
  readWhole(id: string, size: number): Promise<WholeBlob>
}

function readsWhole(store: BlobStore): store is BlobStore & WholeReader {
  return 'readWhole' in store
}

export async function readWhole(store: BlobStore, id: string, size: number): Promise<WholeBlob> {
  if (readsWhole(store)) return await store.readWhole(id, size)
  const { size: stored, stream } = await store.read(id)
  if (stored === size) return { size: stored, bytes: await buffer(stream) }
  stream.destroy()
  return { size: stored, bytes: Buffer.alloc(0) }
}
