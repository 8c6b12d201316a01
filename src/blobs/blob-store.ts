/**
 * What a place for bytes must promise. One store holds the bytes of one storage provider, or of several; the registry's rows say what the
 * bytes mean. Several processes may use one store at the same time.
 *
 * A blob's id is opaque, chosen before its first byte and never used twice, so no store ever has to rename, overwrite or copy.
 *
 * A power that not every store has (to resume a writer, to give out signed URLs) is no part of this contract. It becomes an interface of its
 * own in a file beside this one, with a type guard by which the registry asks for it, together with the first store that has it.
 */
import type { Readable, Writable } from 'node:stream'
import { RegistryError } from '../domain/errors.ts'

/** An inclusive span of byte positions, `0 <= start <= end < size`, already checked against the blob's size. */
export interface ByteRange {
  start: number
  end: number
}

export interface CreateOptions {
  /** How many bytes will come, where the sender has said so. */
  size?: number | undefined
  /**
   * Called before the first byte is staged outside this process, with what `discardStaged` needs besides the id. The note must be durable when it
   * resolves, or nobody could find what a killed process has left. A store that needs nothing besides the id doesn't call it.
   */
  noteStaging?: ((reference: string) => Promise<void>) | undefined
}

/** A blob that is being written. Nobody can read it before `publish` has returned. */
export interface BlobWriter {
  /** Takes the bytes with back-pressure. */
  readonly writable: Writable
  /**
   * Makes the bytes durable (they survive a power cut) and readable under the blob's id. Call it after `writable` has finished.
   * Refuses an id that is already stored and leaves its bytes as they are. On every other error nothing is readable under the id, unless the
   * medium is out of reach and nobody can know: whoever gets `StoreUnavailableError` deletes the id. When the bytes could not be made durable,
   * the store no longer answers `checkHealth`.
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
   * Takes back a chunk of `stream` whose bytes are no longer needed, so that the next ones can be read into its memory: fresh memory for
   * each chunk costs about a fifth of a download from a local disk. A store that can't reuse memory has no such function. Giving chunks
   * back is optional; a chunk that was given back must not be read again.
   */
  recycle?: ((chunk: Buffer) => void) | undefined
}

export interface StoredBlob {
  id: string
  /** When its last byte was written, in whole ms since 1970, by the clock of the medium. */
  modifiedAt: number
}

/** Every method may throw `StoreUnavailableError`; those that write may throw `StoreFullError`. */
export interface BlobStore {
  /** Opens a new blob under a fresh id. */
  create(id: string, options?: CreateOptions): Promise<BlobWriter>
  /** Streams a blob or a range of it. Throws `BlobNotFoundError`; any other error means "cannot tell", never "absent". */
  read(id: string, range?: ByteRange): Promise<BlobReading>
  /** The stored size in bytes, or undefined when absent. Other errors throw. */
  stat(id: string): Promise<{ size: number } | undefined>
  /** Removes the bytes. Absent is fine: a delete may be repeated after a crash. */
  delete(id: string): Promise<void>
  /** Every published blob, in no order. */
  list(): AsyncIterable<StoredBlob>
  /**
   * Everything that is staged outside the processes, as far as the medium can list it, in no order: what some process is writing right now,
   * and what a crash left half-written. A store can't tell the two apart; the registry's rows can. An id comes once for each writer that it
   * has or had.
   */
  listStaged(): AsyncIterable<StoredBlob>
  /**
   * Removes all that is staged under the id. Absent is fine. A writer that is still at work can't publish afterwards; only bytes that wait in
   * the memory of another process may be out of reach. What is published under the id stays.
   * @param reference what `create` has noted, if it has.
   */
  discardStaged(id: string, reference?: string): Promise<void>
  /** The id of the registry whose bytes these are, or undefined when none has been written. Other errors throw. */
  readInstanceId(): Promise<string | undefined>
  /**
   * Makes the store the one of this registry, durably and for good. `id` is a UUID. The same id may be written again; throws
   * `OtherInstanceError` when the store has another one.
   */
  writeInstanceId(id: string): Promise<void>
  /** Throws when bytes can't be kept right now: the disk refuses writes, or an fsync has failed since the start. */
  checkHealth(): Promise<void>
  /** Bytes of the medium: free, in all, and those kept free of uploads. Undefined when it has no bound. */
  capacity(): Promise<Capacity | undefined>
}

export interface Capacity {
  freeBytes: number
  totalBytes: number
  reserveBytes: number
}

/** The id has no bytes in this store. */
export class BlobNotFoundError extends Error {
  override readonly name = 'BlobNotFoundError'
  constructor(id: string) {
    super(`blob ${id} is not in the store`)
  }
}

/** The store belongs to another registry. */
export class OtherInstanceError extends Error {
  override readonly name = 'OtherInstanceError'
  readonly expected: string
  readonly actual: string
  constructor(expected: string, actual: string) {
    super(`the store holds the bytes of the registry ${actual}, not of the registry ${expected}`)
    this.expected = expected
    this.actual = actual
  }
}

/** The medium has no room left for the bytes. */
export class StoreFullError extends RegistryError {
  override readonly name = 'StoreFullError'
  constructor(cause?: unknown) {
    super('storage_full', 'there is no room left for the bytes; nothing was kept', { cause })
  }
}

/** The store can't be used for the moment: descriptors or memory are short, or access is denied. It says nothing about any bytes. */
export class StoreUnavailableError extends RegistryError {
  override readonly name = 'StoreUnavailableError'
  constructor(cause?: unknown) {
    super('unavailable', 'the stored bytes are out of reach for the moment; nothing was changed, try again', { cause })
  }
}

/** Why a store failed, for the machine's owner: in the words of the medium where the error itself leaves them out. */
export function explainStoreError(error: unknown): string {
  const told = error instanceof StoreUnavailableError && error.cause ? error.cause : error
  return told instanceof Error ? told.message : String(told)
}
