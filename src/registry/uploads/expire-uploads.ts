import {
  deleteEndedUploads,
  listExpiredOpenUploads,
  takeExpiredReceptions,
  updatePartedUpload,
} from '../../metadata/uploads.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'
import { removalOf } from './end-upload.ts'
import { KEEP_ENDED_MS } from './upload-times.ts'

/** Rows per run: the next run takes the rest, and other jobs get their turn in between. */
const BATCH = 100
/** In ms. */
const LOOK_MS = 60_000

/**
 * Ends uploads whose time is over. One that a single request brings has not been renewed by its process, which was killed or can't reach the
 * database; one in parts got none for long. Their bytes, published or not, are removed by a job. Safe beside a process that still lives: it
 * can't record an upload whose row has ended.
 * @returns when to look again, in ms since 1970: the job stays as long as the installation runs.
 */
export async function expireUploads(registry: Registry): Promise<number> {
  const taken = await changeAsSystem(registry, async ({ trx, at, queue }) => {
    const received = await takeExpiredReceptions(trx, at, BATCH)
    const open = await listExpiredOpenUploads(trx, at, BATCH)
    for (const upload of [...received, ...open]) queue(removalOf(upload))
    for (const { id } of open) {
      const problem = 'no part of the upload arrived in time; nothing was kept, begin it again'
      await updatePartedUpload(trx, id, { state: 'failed', problem, expiresAt: at + KEEP_ENDED_MS })
    }
    return Math.max(received.length, open.length, await deleteEndedUploads(trx, at, BATCH))
  })
  return registry.clock.now() + (taken >= BATCH ? 0 : LOOK_MS)
}
