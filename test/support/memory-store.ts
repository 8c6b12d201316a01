/** A store that keeps everything in memory: the contract without a disk. For tests of what uses a store. */
import { Readable, Writable } from 'node:stream'
import { requireBlobId, requireInstanceId } from '../../src/blobs/blob-id.ts'
import {
  BlobNotFoundError,
  type BlobReading,
  type BlobStore,
  type BlobWriter,
  type ByteRange,
  OtherInstanceError,
  type StoredBlob,
} from '../../src/blobs/blob-store.ts'

interface Staged extends StoredBlob {
  chunks: Buffer[]
}

const CHUNK = 64 * 1024

export class MemoryStore implements BlobStore {
  /** While it is set, nothing can be written or read. */
  failure: Error | undefined
  readonly #published = new Map<string, { bytes: Buffer; modifiedAt: number }>()
  readonly #staged = new Set<Staged>()
  #instanceId: string | undefined

  async create(id: string): Promise<BlobWriter> {
    requireBlobId(id)
    this.#requireWell()
    const staged: Staged = { id, modifiedAt: Date.now(), chunks: [] }
    this.#staged.add(staged)
    const writable = new Writable({
      highWaterMark: CHUNK,
      write: (chunk: Buffer, _encoding, done) => {
        staged.chunks.push(Buffer.from(chunk))
        staged.modifiedAt = Date.now()
        done(this.failure)
      },
    })
    let isPublished = false
    const discard = async () => {
      if (isPublished) return
      this.#staged.delete(staged)
      writable.destroy()
    }
    const publish = async () => {
      if (!writable.writableFinished) throw new Error(`blob ${id} has not been written to its end`)
      try {
        this.#publish(staged)
        isPublished = true
      } catch (error) {
        await discard()
        throw error
      }
    }
    return { writable, publish, discard }
  }

  async read(id: string, range?: ByteRange): Promise<BlobReading> {
    const found = this.#published.get(requireBlobId(id))
    this.#requireWell()
    if (!found) throw new BlobNotFoundError(id)
    const { bytes } = found
    const { start, end } = range ?? { start: 0, end: bytes.length - 1 }
    return { size: bytes.length, stream: streamOf(bytes.subarray(start, end + 1)) }
  }

  async stat(id: string): Promise<{ size: number } | undefined> {
    const found = this.#published.get(requireBlobId(id))
    return found && { size: found.bytes.length }
  }

  async delete(id: string): Promise<void> {
    this.#published.delete(requireBlobId(id))
  }

  async *list(): AsyncGenerator<StoredBlob> {
    for (const [id, { modifiedAt }] of this.#published) yield { id, modifiedAt }
  }

  async *listStaged(): AsyncGenerator<StoredBlob> {
    for (const { id, modifiedAt } of this.#staged) yield { id, modifiedAt }
  }

  async discardStaged(id: string): Promise<void> {
    requireBlobId(id)
    for (const staged of this.#staged) if (staged.id === id) this.#staged.delete(staged)
  }

  async readInstanceId(): Promise<string | undefined> {
    return this.#instanceId
  }

  async writeInstanceId(id: string): Promise<void> {
    requireInstanceId(id)
    this.#requireWell()
    this.#instanceId ??= id
    if (this.#instanceId !== id) throw new OtherInstanceError(id, this.#instanceId)
  }

  async checkHealth(): Promise<void> {
    this.#requireWell()
  }

  async capacity(): Promise<undefined> {}

  #publish(staged: Staged): void {
    this.#requireWell()
    const { id, chunks, modifiedAt } = staged
    if (!this.#staged.has(staged)) throw new Error(`the staged bytes of blob ${id} were discarded`)
    if (this.#published.has(id)) throw new Error(`blob ${id} is already in the store`)
    this.#staged.delete(staged)
    this.#published.set(id, { bytes: Buffer.concat(chunks), modifiedAt })
  }

  #requireWell(): void {
    if (this.failure) throw this.failure
  }
}

function streamOf(bytes: Buffer): Readable {
  let at = 0
  return new Readable({
    highWaterMark: CHUNK,
    read() {
      this.push(at < bytes.length ? bytes.subarray(at, at + CHUNK) : null)
      at += CHUNK
    },
  })
}
