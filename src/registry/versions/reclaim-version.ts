import { setImmediate } from 'node:timers/promises'
import { deleteSomeFiles } from '../../metadata/files.ts'
import { findModel } from '../../metadata/models.ts'
import { deleteVersionRow, findVersion } from '../../metadata/versions.ts'
import { releaseBlobs } from '../blobs/release-blobs.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'

/** Rows per transaction: few enough that others hardly wait. */
export const RECLAIM_BATCH = 100
/** Transactions per run: then other jobs get their turn. */
const BATCHES = 30

/**
 * Removes rows of a deleted version, a bounded number per run, and starts the grace time of bytes that nothing refers to any more. May be
 * repeated.
 * @returns when to run again (ms since 1970), or undefined when nothing of the version is left.
 */
export async function reclaimVersion(
  registry: Registry,
  version: { modelId: string; number: number },
): Promise<number | undefined> {
  // What anybody can still see is not to be removed, whatever a job says.
  const { read } = registry.db
  const { modelId, number } = version
  if ((await findModel(read, modelId)) && (await findVersion(read, modelId, number))) return undefined
  for (let batch = 0; batch < BATCHES; batch++) {
    const removed = await changeAsSystem(registry, async step => {
      const blobs = await deleteSomeFiles(step.trx, version, RECLAIM_BATCH)
      await releaseBlobs(registry, step, blobs)
      return blobs.length
    })
    if (removed < RECLAIM_BATCH) {
      await changeAsSystem(registry, ({ trx }) => deleteVersionRow(trx, modelId, number))
      return undefined
    }
    // SQLite answers without leaving the turn: others go first.
    await setImmediate()
  }
  return registry.clock.now()
}
