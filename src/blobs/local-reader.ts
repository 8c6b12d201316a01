/** Reads one open file from a position to a position, in chunks that suit both the disk and a slow client. */
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { BlobReading, ByteRange } from './blob-store.ts'

/** Larger chunks are faster, but each slow reader holds three or four of them. */
const defaultChunkBytes = 256 * 1024

/**
 * Streams the span and closes the file at the end, on an error and on an early `destroy`. A file that ends before the span does is an
 * error: a shortened blob must never look like a complete one.
 */
export function readSpan(
  file: FileHandle,
  span: ByteRange,
  chunkBytes = defaultChunkBytes,
): Pick<BlobReading, 'stream' | 'recycle'> {
  let position = span.start
  const spare: Buffer[] = []

  async function next(stream: Readable): Promise<void> {
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
    stream.push(bytesRead === length ? buffer : buffer.subarray(0, bytesRead))
  }

  const stream = new Readable({
    highWaterMark: chunkBytes,
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
