import { releaseAllParts } from '../../metadata/upload-parts.ts'
import { expireAllReceptions } from '../../metadata/uploads.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'
import { queueJob, releaseJobs } from './queue.ts'

/**
 * Queues what a start has to look after. Where this process is the only one, what an earlier one left under way is dead: its leases and uploads
 * end now. Elsewhere they end by themselves, since nobody renews them.
 */
export async function startJobs(registry: Registry): Promise<void> {
  if (registry.db.isExclusive) {
    await releaseJobs(registry)
    await changeAsSystem(registry, async ({ trx, at }) => {
      await expireAllReceptions(trx, at)
      await releaseAllParts(trx)
    })
  }
  await queueJob(registry, { kind: 'expire-uploads', key: 'all', payload: {} })
  await queueJob(registry, { kind: 'sweep-orphans', key: 'all', payload: {} })
}
