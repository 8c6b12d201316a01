/**
 * What a place for bytes must promise. One store holds the bytes of one storage provider; the registry's rows say what the bytes mean.
 *
 * A blob's id is opaque, chosen before its first byte and never used twice, so no store ever has to rename, overwrite or copy.
 */
import type { Readable, Writable } from 'node:stream'

/** An inclusive span of byte positions, `0 <= start <= end < size`, already checked against the blob's size. */
export interface ByteRange {
  start: number
  end: number
}

/** A blob that is being written. Nobody can read it before `publish` has returned. */
export interface BlobWriter {
  /** Takes the bytes with back-pressure. */
  readonly writable: Writable
  /**
   * Makes the bytes durable (they survive a power cut) and readable under the blob's id. Call it after `writable` has finished.
   * Refuses an id that is already stored and leaves its bytes as they are. On every other error nothing is readable under the id, and when
   * the bytes could not be made durable, the store no longer answers `checkHealth`.
   */
  publish(): Promise<void>
  /** Drops the bytes. After `publish` it does nothing, so that it can stand in a `finally`. */
  discard(): Promise<void>
}

export interface BlobReading {
  /** The whole blob's size in bytes, as stored: not the length of the range. */
  size: number
  stream: Readable
  /**
   * Takes back a chunk of `stream` whose bytes nobody needs any more, so that the next ones can be read into its memory: fresh memory for
   * each chunk costs about a fifth of a download. Nobody has to give chunks back; who does must not look at them again.
   */
  recycle(chunk: Buffer): void
}

export interface BlobStore {
  /** Opens a new blob under a fresh id. */
  create(id: string): Promise<BlobWriter>
  /** Streams a blob or a range of it. Throws `BlobNotFoundError`; any other error means "cannot tell", never "absent". */
  read(id: string, range?: ByteRange): Promise<BlobReading>
  /** The stored size in bytes, or undefined when absent. Other errors throw. */
  stat(id: string): Promise<{ size: number } | undefined>
  /** Removes the bytes. Absent is fine: a delete may be repeated after a crash. */
  delete(id: string): Promise<void>
  /** Every stored id, in no order. For the sweep after a crash. */
  list(): AsyncIterable<string>
  /** Throws when bytes can't be kept right now: the disk refuses writes, or an fsync has failed since the start. */
  checkHealth(): Promise<void>
  /** Free and total bytes of the medium, or undefined when it has no bound. */
  capacity(): Promise<{ freeBytes: number; totalBytes: number } | undefined>
}

/** The id has no bytes in this store. */
export class BlobNotFoundError extends Error {
  override readonly name = 'BlobNotFoundError'
  constructor(id: string) {
    super(`blob ${id} is not in the store`)
  }
}

/** The medium has no room left for the bytes. */
export class StoreFullError extends Error {
  override readonly name = 'StoreFullError'
}
