import { setTimeout } from 'node:timers/promises'
import type { TestRegistry } from './registry.ts'

/** Returns when no job is queued any more, whoever of the workers runs it. Only for jobs without a grace time. */
export async function finishJobs(r: TestRegistry): Promise<void> {
  for (let round = 0; round < 500; round++) {
    await r.app.worker.processDue()
    const left = await r.app.registry.db.read.selectFrom('jobs').select('kind').execute()
    if (left.length === 0) return
    await setTimeout(10)
  }
  throw new Error('the jobs have not come to an end')
}
