/** What each kind of job does, and how many of a kind may run at the same time in one process. */
import type { JobKind, JobPayloads } from '../domain/job.ts'
import { deleteBytes } from '../registry/blobs/delete-bytes.ts'
import { reclaimBlobs } from '../registry/blobs/reclaim-blobs.ts'
import { sweepOrphans } from '../registry/blobs/sweep-orphans.ts'
import { reclaimModel } from '../registry/models/reclaim-model.ts'
import { reclaimProject } from '../registry/projects/reclaim-project.ts'
import type { Registry } from '../registry/registry.ts'
import { expireUploads } from '../registry/uploads/expire-uploads.ts'
import { verifyUpload } from '../registry/uploads/verify-upload.ts'
import { reclaimVersion } from '../registry/versions/reclaim-version.ts'

export interface JobHandler<K extends JobKind> {
  /**
   * Does a bounded amount of work and may be repeated from the start.
   * @returns when to run the same job again (ms since 1970), or undefined when it is done.
   */
  run(registry: Registry, payload: JobPayloads[K]): Promise<number | undefined>
  concurrency: number
}

export const jobHandlers: { [K in JobKind]: JobHandler<K> } = {
  'reclaim-model': { run: reclaimModel, concurrency: 1 },
  'reclaim-version': { run: reclaimVersion, concurrency: 1 },
  'reclaim-project': { run: reclaimProject, concurrency: 1 },
  'reclaim-blobs': { run: reclaimBlobs, concurrency: 1 },
  'delete-bytes': { run: async (registry, payload) => void (await deleteBytes(registry, payload)), concurrency: 2 },
  'expire-uploads': { run: expireUploads, concurrency: 1 },
  'verify-upload': { run: async (registry, payload) => void (await verifyUpload(registry, payload)), concurrency: 2 },
  'sweep-orphans': { run: sweepOrphans, concurrency: 1 },
}
