import { findOldestUnreferenced, takeUnreferencedBlobs } from '../../metadata/blobs.ts'
import { findHoldEnd } from '../../metadata/holds.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'

/** Blobs per run, and per job that removes their bytes. The next run takes the rest, and other jobs get their turn in between. */
const BATCH = 100

/**
 * Takes the rows of blobs whose grace time is over and queues the removal of their bytes, in one transaction: from then on nothing can
 * refer to them. Whether a blob is still unreferenced is asked in that same transaction, so an upload that refers to it a moment
 * earlier wins.
 * @returns when to run again (ms since 1970), or undefined when nothing waits.
 */
export async function reclaimBlobs(registry: Registry): Promise<number | undefined> {
  const { reclaimGraceMs } = registry.limits
  const taken = await changeAsSystem(registry, async ({ trx, at, queue }) => {
    // Asked in here: a backup that sets its hold and then looks at the database must find everything it saw.
    const heldUntil = await findHoldEnd(trx, at)
    if (heldUntil !== undefined) return { count: 0, heldUntil }
    const blobs = await takeUnreferencedBlobs(trx, at - reclaimGraceMs, BATCH)
    for (const [storageProviderId, group] of Map.groupBy(blobs, blob => blob.storageProviderId)) {
      const blobIds = group.map(({ id }) => id)
      queue({ kind: 'delete-bytes', key: blobIds[0] ?? '', payload: { storageProviderId, blobIds } })
    }
    return { count: blobs.length, heldUntil: undefined }
  })
  if (taken.heldUntil !== undefined) return taken.heldUntil
  if (taken.count === BATCH) return registry.clock.now()
  const oldest = await findOldestUnreferenced(registry.db.read)
  return oldest === undefined ? undefined : oldest + reclaimGraceMs
}
