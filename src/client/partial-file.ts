/** A download on its way to the disk: bytes are appended and hashed, and what is there after a crash is taken up by the next one. */
import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { hashOpenFile } from './hash-file.ts'

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
/** In bytes: small writes cost more in calls than in copying. */
const WRITE_BYTES = 1024 * 1024

/**
 * Opens what an earlier attempt has left at `path`, or an empty file. Never cuts a file short: two downloads of the same content may hold
 * it at once, and as both write the same bytes to the same places neither harms the other.
 */
export async function openPartialFile(path: string, maxBytes: number, signal?: AbortSignal): Promise<PartialFile> {
  const handle = await open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o666)
  try {
    const info = await handle.stat()
    const part = new PartialFile(path, handle)
    // A pipe, or a file that has another name elsewhere, is none that an earlier attempt has left.
    const isOurs = info.isFile() && info.nlink === 1
    if (!isOurs || info.size > maxBytes) await part.startOver()
    else await part.takeUp(info.size, signal)
    return part
  } catch (error) {
    await handle.close()
    throw error
  }
}

export class PartialFile implements AsyncDisposable {
  readonly #path: string
  #handle: FileHandle
  #hash: Hash = createHash('sha256')
  #size = 0
  #pending: Buffer[] = []
  #pendingBytes = 0
  #written = 0
  #writing: Promise<unknown> = Promise.resolve()

  constructor(path: string, handle: FileHandle) {
    this.#path = path
    this.#handle = handle
  }

  /** The bytes that are there, from the first on without a gap. */
  get size(): number {
    return this.#size
  }

  /** Counts the first `size` bytes of the file in. */
  async takeUp(size: number, signal?: AbortSignal): Promise<void> {
    this.#size = await hashOpenFile(this.#handle, this.#hash, { end: size, signal })
    this.#written = this.#size
  }

  /** Rejects with what the disk says, maybe only about bytes appended earlier. */
  async append(chunk: Buffer): Promise<void> {
    this.#hash.update(chunk)
    this.#size += chunk.length
    this.#pending.push(chunk)
    this.#pendingBytes += chunk.length
    if (this.#pendingBytes >= WRITE_BYTES) await this.#write()
  }

  async flush(): Promise<void> {
    await this.#write()
    await this.#writing
  }

  /** Empty again, in a new file: someone else may still be writing to the old one. */
  async startOver(): Promise<void> {
    await this.flush()
    await this.#handle.close()
    await rm(this.#path, { force: true })
    this.#handle = await open(this.#path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666)
    this.#hash = createHash('sha256')
    this.#size = 0
    this.#written = 0
  }

  /** Of all bytes so far, in lower-case hex. */
  sha256(): string {
    return this.#hash.copy().digest('hex')
  }

  /** Resolves when everything is on the disk. */
  async sync(): Promise<void> {
    await this.flush()
    await this.#handle.sync()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing.catch(() => {})
    await this.#handle.close()
  }

  /** One write runs while the next bytes come in. */
  async #write(): Promise<void> {
    const chunks = this.#pending
    const position = this.#written
    this.#pending = []
    this.#written += this.#pendingBytes
    this.#pendingBytes = 0
    await this.#writing
    if (chunks.length === 0) return
    this.#writing = writeAll(this.#handle, chunks, position)
    // The next write or flush reports it.
    this.#writing.catch(() => {})
  }
}

/** A write may take fewer bytes than it was given. */
async function writeAll(handle: FileHandle, chunks: Buffer[], position: number): Promise<void> {
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const { bytesWritten } = await handle.writev(chunks, position)
  if (bytesWritten === size) return
  const bytes = Buffer.concat(chunks)
  for (let done = bytesWritten; done < size; ) {
    const written = await handle.write(bytes, done, size - done, position + done)
    done += written.bytesWritten
  }
}
