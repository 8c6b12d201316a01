/** Copies blobs from store to store and believes no byte that it has not hashed on the way. */
import type { Readable } from 'node:stream'
import { BlobNotFoundError, type BlobStore, explainStoreError } from '../blobs/blob-store.ts'
import { BodyInterruptedError, DigestMismatchError, ingest, SizeMismatchError } from '../blobs/ingest.ts'
import type { Blob } from '../domain/blob.ts'
import { type BlobUse, listBlobsAfter, listBlobUses, measureBlobs } from '../metadata/blobs.ts'
import type { Reader } from '../metadata/database.ts'
import { listForeignProviders } from '../metadata/storage-providers.ts'

/** Enough that the syncs of small files overlap. */
const AT_ONCE = 4

const PAGE = 500
/** Files that are named for a broken blob: the same bytes may be in a hundred thousand. */
const USES_MAX = 100

/** A blob that could not be copied as it should be, and files that refer to it. */
export interface BrokenBlob {
  blobId: string
  sha256: string
  reason: string
  /** The registry has marked it as damaged already and serves it no longer. */
  isMarked: boolean
  uses: BlobUse[]
}

export interface Copied {
  blobs: number
  /** In bytes. */
  bytes: number
  broken: BrokenBlob[]
  /** Blobs in buckets of storage providers: they stay there. */
  elsewhere: { blobs: number; bytes: number }
}

/** Told after each blob: what is done of what there is, in blobs and bytes. */
export type OnProgress = (done: Pick<Copied, 'blobs' | 'bytes'>, total: { blobs: number; bytes: number }) => void

/** The store that has the bytes of a blob. */
type Source = (blob: Blob) => BlobStore | Promise<BlobStore>

type Row = Blob & { isDamaged: boolean }

/**
 * Copies every blob that the database `db` knows. A blob that is missing, unreadable or not what it should be in `from` is reported, and
 * the others are copied all the same, so that one run names everything; any failure of `to` ends it at once. Of the blobs that are
 * marked as damaged only those are reported that a file needs. What lies in buckets stays there: a store has copies of its own, and often more than
 * fits on a disk.
 */
export async function copyBlobs(
  db: Reader,
  { from, to, onProgress }: { from: Source; to: BlobStore; onProgress?: OnProgress | undefined },
): Promise<Copied> {
  // `to` belongs to this copy alone, so what is staged there is of an earlier attempt that was stopped.
  for await (const { id } of to.listStaged()) await to.discardStaged(id)
  const foreign = await listForeignIds(db)
  const elsewhere = { blobs: 0, bytes: 0 }
  const copied: Copied = { blobs: 0, bytes: 0, broken: [], elsewhere }
  const total = await measureBlobs(db)
  const copyOne = async (blob: Row) => {
    if (foreign.has(blob.storageProviderId)) {
      elsewhere.blobs += 1
      elsewhere.bytes += blob.size
      return
    }
    const reason = blob.isDamaged ? 'its bytes are already known to be damaged' : await copyBlob(blob, from, to)
    if (reason === undefined) {
      copied.blobs += 1
      copied.bytes += blob.size
      return onProgress?.(copied, total)
    }
    const uses = await listBlobUses(db, blob.id, USES_MAX)
    const { id: blobId, sha256, isDamaged: isMarked } = blob
    if (uses.length > 0 || !isMarked) copied.broken.push({ blobId, sha256, reason, isMarked, uses })
  }
  let after: string | undefined = ''
  while (after !== undefined) {
    const page: Row[] = await listBlobsAfter(db, after, PAGE)
    after = page.length === PAGE ? page.at(-1)?.id : undefined
    await eachOf(page, copyOne)
  }
  return copied
}

async function listForeignIds(db: Reader): Promise<Set<string>> {
  const ids = new Set<string>()
  let after: number | undefined
  do {
    const page = await listForeignProviders(db, { after, limit: PAGE, order: 'asc' })
    for (const { id } of page.items) ids.add(id)
    after = page.next
  } while (after !== undefined)
  return ids
}

/** @returns why `from` can't give the bytes; undefined when they have arrived in `to` and are durable. */
async function copyBlob(blob: Blob, from: Source, to: BlobStore): Promise<string | undefined> {
  const { id, size, sha256 } = blob
  let stream: Readable
  try {
    const store = await from(blob)
    stream = (await store.read(id)).stream
  } catch (error) {
    return error instanceof BlobNotFoundError
      ? 'its bytes are not in the store'
      : `it can't be read: ${explainStoreError(error)}`
  }
  try {
    const arrived = await ingest(to, id, stream, { maxBytes: Number.MAX_SAFE_INTEGER, expected: { size, sha256 } })
    // Left by an earlier attempt that was stopped.
    if (await to.stat(id)) await to.delete(id)
    await arrived.publish()
    return undefined
  } catch (error) {
    if (error instanceof DigestMismatchError) return `its sha256 is now ${error.actual}`
    if (error instanceof SizeMismatchError) return `${size} bytes were accepted, and others are stored`
    if (error instanceof BodyInterruptedError) return `it can't be read: ${explainStoreError(error.cause)}`
    throw error
  } finally {
    // An unwanted rest stays unread by ingesting, and nobody else closes the file.
    stream.destroy()
  }
}

async function eachOf<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values()
  let failure: { error: unknown } | undefined
  const drain = async () => {
    for (const item of rest) {
      if (failure) return
      await work(item).catch(error => {
        failure ??= { error }
      })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, drain))
  if (failure) throw failure.error
}
