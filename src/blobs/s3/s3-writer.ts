/** One upload on its way to an S3 store: gathered into parts, of which at most two are in memory, one being filled and one being sent. */
import { randomUUID } from 'node:crypto'
import { Writable } from 'node:stream'
import { RegistryError } from '../../domain/errors.ts'
import type { BlobWriter, CreateOptions } from '../blob-store.ts'
import { noteSpentBuffers } from '../spent-buffers.ts'
import { MultipartUpload } from './multipart-upload.ts'
import { choosePartBytes, PARTS_MAX, PartBuffer } from './part-buffer.ts'
import { putWhole } from './put-whole.ts'
import type { S3Connection } from './s3-connection.ts'
import type { Conditions } from './s3-publish.ts'

/** Bytes that may wait in front of the parts. */
const WAITING_BYTES = 64 * 1024

export interface S3WriterOptions extends CreateOptions {
  id: string
  connection: S3Connection
  conditions: Conditions
  /** The least size of a part, in bytes. */
  partBytesMin: number
}

export class S3Writer implements BlobWriter {
  readonly writable: Writable
  readonly #options: S3WriterOptions
  readonly #writer = randomUUID()
  readonly #partBytes: number
  readonly #ended = new AbortController()
  #state: 'open' | 'publishing' | 'published' | 'dropped' = 'open'
  #wasDiscarded = false
  #size = 0
  #filling: PartBuffer
  #spare: PartBuffer | undefined
  /** Whether the bytes need more than one part. */
  #isOfParts = false
  #upload: MultipartUpload | undefined
  /** What is under way: to begin the upload, or to send a part. Parts go one after the other. */
  #sending: Promise<void> = Promise.resolve()
  #publishing: Promise<void> | undefined

  constructor(options: S3WriterOptions) {
    this.#options = options
    this.#partBytes = choosePartBytes(options.size, options.partBytesMin)
    this.#filling = new PartBuffer(this.#partBytes)
    this.writable = new Writable({
      highWaterMark: WAITING_BYTES,
      write: (chunk: Buffer, _encoding, done) => settle(this.#take(chunk), done),
      final: done => settle(this.#finish(), done),
    })
    // The writer gets the error from the writable's own callbacks; an error between two writes must not end the process.
    this.writable.on('error', () => {})
  }

  async publish(): Promise<void> {
    const { id } = this.#options
    if (this.#wasDiscarded) throw discarded(id)
    if (this.#state !== 'open') throw new Error(`the upload of blob ${id} is already ${this.#state}`)
    if (!this.writable.writableFinished) throw new Error(`blob ${id} has not been written to its end`)
    this.#state = 'publishing'
    this.#publishing = this.#publish()
    try {
      await this.#publishing
      this.#state = 'published'
    } catch (error) {
      this.#state = 'open'
      // What can't be removed is left to the sweep; the first error is the one to tell.
      await this.discard().catch(() => {})
      throw error
    }
  }

  async discard(): Promise<void> {
    if (this.#state !== 'open') return
    this.#state = 'dropped'
    this.writable.destroy()
    this.#ended.abort()
    await this.#sending.catch(() => {})
    await this.#upload?.abort()
  }

  /** Ends the writer from outside: it can't publish any more, unless it already does; then this waits for its end. */
  async discardStaged(): Promise<void> {
    await this.#publishing?.catch(() => {})
    if (this.#state !== 'open') return
    this.#wasDiscarded = true
    await this.discard()
  }

  get isOver(): boolean {
    return this.#state === 'published' || this.#state === 'dropped'
  }

  async #take(chunk: Buffer): Promise<void> {
    const most = PARTS_MAX * this.#partBytes
    if (this.#size + chunk.length > most) throw tooManyParts(most)
    for (let at = 0; at < chunk.length; ) {
      // A full part stays here until more comes: bytes that fit one part need no upload of several.
      if (this.#filling.isFull) await this.#sendPart()
      this.#requireOpen()
      at += this.#filling.take(at === 0 ? chunk : chunk.subarray(at))
    }
    this.#size += chunk.length
    noteSpentBuffers(chunk.length)
  }

  async #finish(): Promise<void> {
    // Also while the first part is still on its way, and with it the beginning of the upload.
    if (this.#isOfParts) await this.#sendPart()
    await this.#sending
    this.#requireOpen()
  }

  /** Hands the filled part over and makes the other one ready, once it has been sent. */
  async #sendPart(): Promise<void> {
    await this.#sending
    this.#requireOpen()
    this.#isOfParts = true
    const full = this.#filling
    this.#filling = this.#spare ?? new PartBuffer(this.#partBytes)
    this.#spare = undefined
    this.#sending = this.#send(full)
    // The next one that waits for it gets the error; until then it must not count as unhandled.
    this.#sending.catch(() => {})
  }

  async #send(part: PartBuffer): Promise<void> {
    this.#upload ??= await this.#begin()
    this.#requireOpen()
    await this.#upload.send(part.finish(), this.#ended.signal)
    part.reset()
    this.#spare = part
  }

  async #begin(): Promise<MultipartUpload> {
    const { connection, noteStaging } = this.#options
    const upload = await MultipartUpload.begin(connection, { key: this.#key, writer: this.#writer })
    try {
      await noteStaging?.(upload.uploadId)
      return upload
    } catch (error) {
      await upload.abort().catch(() => {})
      throw error
    }
  }

  async #publish(): Promise<void> {
    const { id, connection, conditions } = this.#options
    const object = { id, key: this.#key, size: this.#size, writer: this.#writer }
    if (this.#upload) await this.#upload.complete(object, conditions)
    else await putWhole(connection, object, this.#filling.finish(), conditions)
  }

  #requireOpen(): void {
    if (this.#state === 'open') return
    throw discarded(this.#options.id)
  }

  get #key(): string {
    return this.#options.connection.keys.blob(this.#options.id)
  }
}

function discarded(id: string): Error {
  return new Error(`the staged bytes of blob ${id} were discarded`)
}

/** Only without a declared size: else the parts are as large as it needs. */
function tooManyParts(most: number): RegistryError {
  return new RegistryError(
    'too_large',
    `a file of undeclared size may have at most ${most} bytes in this store; send it again with its size (Content-Length)`,
  )
}

function settle(work: Promise<void>, done: (error?: Error | null) => void): void {
  work.then(
    () => done(),
    (error: Error) => done(error),
  )
}
