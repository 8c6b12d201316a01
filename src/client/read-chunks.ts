import type { FileHandle } from 'node:fs/promises'
import { IntegrityError } from './errors.ts'

const CHUNK_BYTES = 1024 * 1024

/** An open local file. */
export interface Source {
  /** What it is called, for messages. */
  file: string
  handle: FileHandle
  /** In bytes. */
  size: number
}

/**
 * The bytes of a place in a file, in order; the next chunk is read while one is used. Throws an `IntegrityError` when the file ends before.
 * Not a stream of the handle: ending one, even early, would close the handle, and the next attempt needs it.
 */
export async function* readChunks(
  { file, handle }: Source,
  { offset, size }: { offset: number; size: number },
): AsyncGenerator<Buffer> {
  const read = (done: number) => {
    const length = Math.min(CHUNK_BYTES, size - done)
    const reading = handle.read(Buffer.allocUnsafe(length), 0, length, offset + done)
    // It is awaited later, or never when the transfer ends before.
    reading.catch(() => {})
    return reading
  }
  let done = 0
  let next = read(done)
  while (done < size) {
    const { bytesRead, buffer } = await next
    if (bytesRead === 0) throw changedMeanwhile(file)
    done += bytesRead
    next = read(done)
    yield buffer.subarray(0, bytesRead)
  }
}

export function changedMeanwhile(file: string): IntegrityError {
  return new IntegrityError(`"${file}" was changed while it was being sent`)
}
