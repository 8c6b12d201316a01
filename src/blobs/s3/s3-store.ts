/** Bytes in a bucket of an S3 store, which several processes may use at the same time. The layout of the bucket is in s3-keys.ts. */
import type { Readable } from 'node:stream'
import { requireBlobId } from '../blob-id.ts'
import {
  BlobNotFoundError,
  type BlobReading,
  type BlobStore,
  type BlobWriter,
  type ByteRange,
  type CreateOptions,
  type StoredBlob,
} from '../blob-store.ts'
import type { PartSigner, SignedRequest, StoredPart } from '../part-signer.ts'
import { PART_BYTES_MIN } from './part-buffer.ts'
import { connectS3, type S3Connection, type S3ConnectionOptions } from './s3-connection.ts'
import { isRefusal, toStoreError } from './s3-errors.ts'
import { readInstanceObject, writeInstanceObject } from './s3-instance.ts'
import { beginParts, completeParts, listStoredParts, signPart } from './s3-parts.ts'
import type { Conditions } from './s3-publish.ts'
import { readObject } from './s3-read.ts'
import {
  abortUpload,
  deleteObject,
  findObject,
  listObjects,
  listUploads,
  openObject,
  requireLength,
} from './s3-requests.ts'
import { S3Writer } from './s3-writer.ts'

/** What a check of the store has found is valid for this long, in ms. */
const HEALTH_VALID_MS = 5000

export interface S3StoreOptions extends S3ConnectionOptions {
  /** The least size of a part, in bytes; at least the 5 MiB of S3. */
  partBytesMin?: number
  /** A monotonic clock, in ms. */
  now?: () => number
}

export class S3Store implements BlobStore, PartSigner {
  /** For what works on the same bucket beside the contract: checks, and URLs by which others send and fetch bytes. */
  readonly connection: S3Connection
  readonly #partBytesMin: number
  readonly #now: () => number
  readonly #conditions: Conditions = { areHonoured: true }
  /** The writers of this process that are at work, by the ids of their blobs. */
  readonly #writers = new Map<string, Set<S3Writer>>()
  #health: { result: Promise<void>; validUntil: number } | undefined

  /** Asks the store nothing yet. */
  constructor({ partBytesMin = PART_BYTES_MIN, now = () => performance.now(), ...options }: S3StoreOptions) {
    this.connection = connectS3(options)
    this.#partBytesMin = partBytesMin
    this.#now = now
  }

  async create(id: string, options: CreateOptions = {}): Promise<BlobWriter> {
    requireBlobId(id)
    const { connection } = this
    const writer = new S3Writer({
      ...options,
      id,
      connection,
      conditions: this.#conditions,
      partBytesMin: this.#partBytesMin,
    })
    const writers = this.#writers.get(id) ?? new Set()
    this.#writers.set(id, writers.add(writer))
    const forget = () => {
      if (!writer.isOver) return
      writers.delete(writer)
      if (writers.size === 0 && this.#writers.get(id) === writers) this.#writers.delete(id)
    }
    return {
      writable: writer.writable,
      publish: () => writer.publish().finally(forget),
      discard: () => writer.discard().finally(forget),
    }
  }

  beginParts(id: string): Promise<string> {
    return beginParts(this.connection, requireBlobId(id))
  }

  signPart(
    id: string,
    reference: string,
    part: { number: number; size: number; sha256?: string | undefined },
    lifetimeMs: number,
  ): Promise<SignedRequest> {
    return signPart(this.connection, { id, uploadId: reference }, part, lifetimeMs)
  }

  listStoredParts(id: string, reference: string, after?: number): AsyncIterable<StoredPart> {
    return listStoredParts(this.connection, { id, uploadId: reference }, after)
  }

  completeParts(id: string, reference: string, parts: StoredPart[], size: number): Promise<void> {
    return completeParts(this.connection, { id, uploadId: reference }, { parts, size })
  }

  async read(id: string, range?: ByteRange): Promise<BlobReading> {
    const reading = await readObject(this.connection, this.connection.keys.blob(id), range)
    if (!reading) throw new BlobNotFoundError(id)
    return reading
  }

  /** That nothing is there is asked twice: the answer to the first question can't tell a missing object from a missing bucket. */
  async stat(id: string): Promise<{ size: number } | undefined> {
    const key = this.connection.keys.blob(id)
    const found = await findObject(this.connection, key)
    if (found) return { size: found.size }
    const opened = await openObject(this.connection, key)
    if (typeof opened === 'string') return undefined
    const body = opened.Body as Readable
    body.destroy()
    return { size: requireLength(opened.ContentLength) }
  }

  async delete(id: string): Promise<void> {
    await deleteObject(this.connection, this.connection.keys.blob(id))
  }

  async *list(): AsyncGenerator<StoredBlob> {
    const { keys } = this.connection
    for await (const { key, modifiedAt } of listObjects(this.connection, keys.blobs)) {
      const id = keys.readId(key)
      if (id !== undefined) yield { id, modifiedAt }
    }
  }

  /** Nothing where the store can't list uploads. The rows of the registry name those that were noted; a lifecycle rule of the bucket removes the rest. */
  async *listStaged(): AsyncGenerator<StoredBlob> {
    const { keys } = this.connection
    try {
      for await (const { key, initiatedAt } of listUploads(this.connection, keys.blobs)) {
        const id = keys.readId(key)
        if (id !== undefined) yield { id, modifiedAt: initiatedAt }
      }
    } catch (error) {
      if (!isRefusal(error)) throw toStoreError(error)
    }
  }

  /**
   * Bytes that wait in the memory of another process are out of reach: that one may still publish them, and removes them itself when it can't
   * record them.
   */
  async discardStaged(id: string, reference?: string): Promise<void> {
    const key = this.connection.keys.blob(id)
    const writers = [...(this.#writers.get(id) ?? [])]
    this.#writers.delete(id)
    await Promise.all(writers.map(writer => writer.discardStaged()))
    if (reference !== undefined) await abortUpload(this.connection, key, reference)
    try {
      for await (const upload of listUploads(this.connection, key)) {
        if (upload.key === key) await abortUpload(this.connection, key, upload.uploadId)
      }
    } catch (error) {
      if (!isRefusal(error)) throw toStoreError(error)
    }
  }

  readInstanceId(): Promise<string | undefined> {
    return readInstanceObject(this.connection)
  }

  async writeInstanceId(id: string): Promise<void> {
    await writeInstanceObject(this.connection, id)
  }

  /** Whether the store answers at all, asked by one small read. Callers within five seconds share one answer. */
  async checkHealth(): Promise<void> {
    const known = this.#health
    if (known && this.#now() < known.validUntil) return await known.result
    const health = { result: this.readInstanceId().then(() => {}), validUntil: Number.POSITIVE_INFINITY }
    this.#health = health
    const end = () => {
      health.validUntil = this.#now() + HEALTH_VALID_MS
    }
    health.result.then(end, end)
    await health.result
  }

  async capacity(): Promise<undefined> {}

  /** Ends its connections. Nothing may be asked of it afterwards. */
  close(): void {
    this.connection.close()
  }
}
