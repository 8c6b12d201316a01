/** Taking jobs from the queue and giving them back. A job is held under a lease, so a worker that dies loses it to the next. */

import type { Job, JobKind } from '../../domain/job.ts'
import { deleteJob, enqueueJob, findNextRunAt, leaseJob, postponeJob, releaseTakenJobs } from '../../metadata/jobs.ts'
import type { Registry } from '../registry.ts'

/** Longer than any job: they work in small steps. In ms. */
const LEASE_MS = 15 * 60_000
/** In ms, doubled with each attempt. */
const RETRY_MS = 1000
const RETRY_MAX_MS = 15 * 60_000

export async function queueJob(registry: Registry, kind: JobKind, subject: string): Promise<void> {
  const at = registry.clock.now()
  await registry.db.transaction(trx => enqueueJob(trx, { kind, subject, runAt: at, createdAt: at }))
  registry.wakeJobs()
}

/** The next due job, if there is one. */
export async function takeJob(registry: Registry): Promise<Job | undefined> {
  const at = registry.clock.now()
  const next = await findNextRunAt(registry.db.read)
  if (next === undefined || next > at) return undefined
  return await registry.db.transaction(trx => leaseJob(trx, at, at + LEASE_MS))
}

/** `again`: when to run the same job once more (ms since 1970); undefined removes it, unless it was queued anew meanwhile. */
export async function finishJob(registry: Registry, job: Job, again: number | undefined): Promise<void> {
  await registry.db.transaction(async trx => {
    const now = registry.clock.now()
    if (again === undefined && (await deleteJob(trx, job))) return
    await postponeJob(trx, job, { runAt: again ?? now, now, attempts: 0 })
  })
}

export async function retryJobLater(registry: Registry, job: Job): Promise<void> {
  const wait = Math.min(RETRY_MS * 2 ** Math.min(job.attempts, 20), RETRY_MAX_MS)
  const now = registry.clock.now()
  await registry.db.transaction(trx => postponeJob(trx, job, { runAt: now + wait, now, attempts: job.attempts }))
}

/** Frees what a killed process had taken. For the start, while this process is the only one. */
export async function releaseJobs(registry: Registry): Promise<void> {
  await registry.db.transaction(trx => releaseTakenJobs(trx, registry.clock.now()))
}

export async function findNextRun(registry: Registry): Promise<number | undefined> {
  return await findNextRunAt(registry.db.read)
}
