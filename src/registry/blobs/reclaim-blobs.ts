import { findOldestUnreferenced, takeUnreferencedBlobs } from '../../metadata/blobs.ts'
import { findHoldEnd } from '../../metadata/holds.ts'
import { enqueueJob } from '../../metadata/jobs.ts'
import type { Registry } from '../registry.ts'

const CHUNK = 200

/**
 * Takes the rows of blobs whose grace time is over and queues the removal of their bytes, in one transaction: from then on nothing can
 * refer to them. Whether a blob is still unreferenced is asked in that same transaction, so an upload that refers to it a moment
 * earlier wins.
 * @returns when to look again (ms since 1970), or undefined when nothing waits.
 */
export async function reclaimBlobs(registry: Registry): Promise<number | undefined> {
  const { reclaimGraceMs } = registry.limits
  let taken: number | { heldUntil: number }
  do {
    const now = registry.clock.now()
    taken = await registry.db.transaction(async trx => {
      // Asked in here: a backup that sets its hold and then looks at the database must find everything it saw.
      const heldUntil = await findHoldEnd(trx, now)
      if (heldUntil !== undefined) return { heldUntil }
      const blobs = await takeUnreferencedBlobs(trx, now - reclaimGraceMs, CHUNK)
      for (const blob of blobs) {
        const subject = `${blob.storageProviderId}/${blob.id}`
        await enqueueJob(trx, { kind: 'delete-bytes', subject, runAt: now, createdAt: now })
      }
      return blobs.length
    })
    if (typeof taken === 'object') return taken.heldUntil
  } while (taken === CHUNK)
  const oldest = await findOldestUnreferenced(registry.db.read)
  return oldest === undefined ? undefined : oldest + reclaimGraceMs
}
