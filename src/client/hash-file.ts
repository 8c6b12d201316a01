import { createHash, type Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { openPlainFile } from './open-plain-file.ts'

const CHUNK_BYTES = 1024 * 1024

export interface HashOptions {
  /** Only the bytes before this position. */
  end?: number
  onProgress?: ((bytes: number) => void) | undefined
  signal?: AbortSignal | undefined
}

/** The sha256 of a local file in lower-case hex, in constant memory. */
export async function hashFile(file: string, options: HashOptions = {}): Promise<string> {
  const hash = createHash('sha256')
  await using handle = await openPlainFile(file)
  await hashOpenFile(handle, hash, options)
  return hash.digest('hex')
}

/** Adds an open file's bytes to a hash. Resolves to their number. */
export async function hashOpenFile(
  handle: FileHandle,
  hash: Hash,
  { end = Number.POSITIVE_INFINITY, onProgress, signal }: HashOptions,
): Promise<number> {
  // The next chunk is read while this one is hashed, so there are two buffers.
  const buffers = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)] as const
  const read = (index: number, position: number) =>
    handle.read(buffers[index % 2 === 0 ? 0 : 1], 0, Math.min(CHUNK_BYTES, end - position), position)
  let position = 0
  let next = read(0, 0)
  for (let index = 1; ; index += 1) {
    const { bytesRead, buffer } = await next
    if (bytesRead === 0) return position
    position += bytesRead
    signal?.throwIfAborted()
    next = read(index, position)
    // It is awaited a moment later, but may fail before.
    next.catch(() => {})
    hash.update(buffer.subarray(0, bytesRead))
    onProgress?.(bytesRead)
  }
}
