/** Keeps a part of the disk free of uploads: what makes room again needs some itself. */
import { reserveOf } from '../../domain/disk-reserve.ts'
import { StoreFullError } from '../blob-store.ts'
import type { LocalDisk } from './local-disk.ts'
import { throwStoreError } from './local-files.ts'

/** Bytes that may be written between two looks at the disk. */
const LOOK_EVERY_BYTES = 4 * 2 ** 20

export interface DiskRoom {
  /** Throws `StoreFullError` when `bytes` more would take from the reserve. Between looks at the disk it counts what it has allowed. */
  require(bytes: number): Promise<void>
  /** In bytes. */
  measure(): Promise<{ freeBytes: number; totalBytes: number; reserveBytes: number }>
}

/** @param reserveBytes see `reserveOf`. */
export function diskRoom(disk: LocalDisk, directory: string, reserveBytes: number | undefined): DiskRoom {
  let allowed = Number.POSITIVE_INFINITY

  async function measure() {
    const { freeBytes, totalBytes } = await disk.measure(directory).catch(throwStoreError)
    return { freeBytes, totalBytes, reserveBytes: reserveOf(totalBytes, reserveBytes) }
  }

  async function look(bytes: number): Promise<void> {
    const found = await measure()
    const left = found.freeBytes - found.reserveBytes - bytes
    // Where little is left, the next write looks again.
    allowed = left > LOOK_EVERY_BYTES ? 0 : Number.POSITIVE_INFINITY
    if (left < 0) throw new StoreFullError()
  }

  return {
    measure,
    async require(bytes) {
      allowed += bytes
      if (bytes === 0 || allowed > LOOK_EVERY_BYTES) await look(bytes)
    },
  }
}
