import { takeExpiredUploads } from '../../metadata/uploads.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'
import { removalOf } from './end-upload.ts'

/** Uploads per run: the next run takes the rest, and other jobs get their turn in between. */
const BATCH = 100
/** In ms. */
const LOOK_MS = 60_000

/**
 * Ends uploads whose process has not renewed them: it was killed, or can't reach the database. Their bytes, published or not, are removed by
 * a job. Safe beside a process that still lives: it can't record an upload whose row is gone.
 * @returns when to look again, in ms since 1970: the job stays as long as the installation runs.
 */
export async function expireUploads(registry: Registry): Promise<number> {
  const taken = await changeAsSystem(registry, async ({ trx, at, queue }) => {
    const uploads = await takeExpiredUploads(trx, at, BATCH)
    for (const upload of uploads) queue(removalOf(upload))
    return uploads.length
  })
  return registry.clock.now() + (taken === BATCH ? 0 : LOOK_MS)
}
