/** Finds out whether a local disk takes a byte, without writing one for each caller that asks. */
import { unlink } from 'node:fs/promises'
import type { LocalDisk } from './local-disk.ts'
import { createFile, toStoreError } from './local-files.ts'

/** A result is valid for this long, in ms. */
const VALID_MS = 5000

/**
 * @returns a check that rejects when the disk refuses a byte. Callers within five seconds share one probe and its result. `now` is in ms.
 */
export function healthProbe(disk: LocalDisk, newPath: () => string, now: () => number): () => Promise<void> {
  let result: Promise<void> | undefined
  let validUntil = 0
  return function check() {
    if (result && now() < validUntil) return result
    // A disk that doesn't answer is asked once, not once for each caller.
    validUntil = Number.POSITIVE_INFINITY
    result = probe(disk, newPath()).finally(() => {
      validUntil = now() + VALID_MS
    })
    return result
  }
}

async function probe(disk: LocalDisk, path: string): Promise<void> {
  const file = await createFile(path)
  try {
    // Without a name from here on, so that a process that is killed leaves nothing.
    await unlink(path)
    await disk.write(file, [Buffer.of(0)])
  } catch (error) {
    throw toStoreError(error)
  } finally {
    await file.close()
  }
}
