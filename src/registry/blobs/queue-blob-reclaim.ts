import type { Queryable } from '../../metadata/database.ts'
import { enqueueJob } from '../../metadata/jobs.ts'
import type { Registry } from '../registry.ts'

/** Something lost its last reference at `at`: look at it again when its grace time is over. */
export async function queueBlobReclaim(registry: Registry, trx: Queryable, at: number): Promise<void> {
  const runAt = at + registry.limits.reclaimGraceMs
  await enqueueJob(trx, { kind: 'reclaim-blobs', subject: 'all', runAt, createdAt: at })
}
