/** Reads one open file from a position to a position, in chunks that suit both the disk and a slow client. */
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { BlobReading, ByteRange } from '../blob-store.ts'

/**
 * Large chunks are faster, but a stream holds three or four of them. So they are for those who have kept up for a while, and thousands of
 * slow readers may hold their few small ones.
 */
const SMALL_CHUNK = 64 * 1024
const LARGE_CHUNK = 512 * 1024
/** Asking for the next chunk within this time, in ms, is keeping up … */
const PROMPT_MS = 20
/** … and this many bytes of it are a while: more than the buffers of a connection swallow from any reader. */
const PROMPT_BYTES = 16 * 1024 * 1024

/**
 * Streams the span and closes the file at the end, on an error and on an early `destroy`. A file that ends before the span does is an
 * error: a shortened blob must never look like a complete one.
 */
export function readSpan(file: FileHandle, span: ByteRange): Pick<BlobReading, 'stream' | 'recycle'> {
  let position = span.start
  let chunkBytes = SMALL_CHUNK
  let promptBytes = 0
  let pushedAt = performance.now()
  let spare: Buffer[] = []

  function chooseChunk(): void {
    promptBytes = performance.now() - pushedAt < PROMPT_MS ? promptBytes + chunkBytes : 0
    const wanted = promptBytes < PROMPT_BYTES ? SMALL_CHUNK : LARGE_CHUNK
    if (wanted !== chunkBytes) spare = []
    chunkBytes = wanted
  }

  async function next(stream: Readable): Promise<void> {
    chooseChunk()
    const length = Math.min(chunkBytes, span.end + 1 - position)
    if (length <= 0) {
      stream.push(null)
      return
    }
    const buffer = (length === chunkBytes ? spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(length)
    const { bytesRead } = await file.read(buffer, 0, length, position)
    if (bytesRead === 0)
      throw new Error(`the file ends at byte ${position}, before byte ${span.end} that is to be read`)
    position += bytesRead
    pushedAt = performance.now()
    stream.push(bytesRead === length ? buffer : buffer.subarray(0, bytesRead))
  }

  const stream = new Readable({
    highWaterMark: SMALL_CHUNK,
    read() {
      next(this).catch((error: Error) => this.destroy(error))
    },
    destroy(error, done) {
      file.close().then(
        () => done(error),
        (closing: Error) => done(error ?? closing),
      )
    },
  })
  function recycle(chunk: Buffer): void {
    if (chunk.length === chunkBytes && !stream.destroyed) spare.push(chunk)
  }

  return { stream, recycle }
}

/** The first `length` bytes. A file that ends before is an error. */
export async function readAllOf(file: FileHandle, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, filled)
    if (bytesRead === 0)
      throw new Error(`the file ends at byte ${filled}, before byte ${length - 1} that is to be read`)
    filled += bytesRead
  }
  return bytes
}
