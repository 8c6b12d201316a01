import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { reserveOf } from '../../domain/disk-reserve.ts'
import { DatabaseFullError } from '../database.ts'

/** A look at the disk is valid for this long, in ms. */
const VALID_MS = 1000

/**
 * @returns a check that throws `DatabaseFullError` when less than half of the disk's reserve is free: uploads have left it, and what makes the
 * database grow has used the other half. It looks at the disk once a second. `reserveBytes` as `reserveOf` has it.
 */
export function databaseRoom(file: string, reserveBytes: number | undefined): () => void {
  const directory = dirname(file)
  let lookedAt = Number.NEGATIVE_INFINITY
  let isShort = false
  return function requireRoom() {
    const now = performance.now()
    if (now - lookedAt >= VALID_MS) {
      const { bavail, blocks, bsize } = statfsSync(directory)
      isShort = bavail * bsize < reserveOf(blocks * bsize, reserveBytes) / 2
      lookedAt = now
    }
    if (isShort) throw new DatabaseFullError(undefined)
  }
}
