/** Taking jobs from the queue and giving them back. A job is held under a lease, so a worker that dies loses it to the next. */
import { randomUUID } from 'node:crypto'
import type { Job, JobKind, NewJob } from '../../domain/job.ts'
import { deleteJob, findNextRunAt, leaseJob, postponeJob, releaseLeases, renewLease } from '../../metadata/jobs.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'

/** How long a job stays with a worker that no longer renews its lease, in ms. */
export const LEASE_MS = 60_000
/** In ms, doubled with each attempt. */
const RETRY_MS = 1000
const RETRY_MAX_MS = 15 * 60_000

export async function queueJob<K extends JobKind>(registry: Registry, job: NewJob<K>): Promise<void> {
  await changeAsSystem(registry, async ({ queue }) => queue(job))
}

/** The job of a kind that has been due for the longest time, if there is one. */
export async function takeJob<K extends JobKind>(registry: Registry, kind: K): Promise<Job<K> | undefined> {
  const next = await findNextRunAt(registry.db.read, kind)
  if (next === undefined || next > registry.clock.now()) return undefined
  return await changeAsSystem(registry, ({ trx, at }) =>
    leaseJob(trx, { kind, lease: randomUUID(), at, until: at + LEASE_MS }),
  )
}

/** Answers false when the lease was lost: another worker may have the job by now. */
export async function renewJob(registry: Registry, job: Job): Promise<boolean> {
  return await changeAsSystem(registry, ({ trx, at }) => renewLease(trx, job, at + LEASE_MS))
}

/** `again`: when to run the same job once more (ms since 1970); undefined removes it, unless it was queued anew meanwhile. */
export async function finishJob(registry: Registry, job: Job, again: number | undefined): Promise<void> {
  await changeAsSystem(registry, async ({ trx, at }) => {
    if (again === undefined && (await deleteJob(trx, job))) return
    await postponeJob(trx, job, { runAt: again ?? at, now: at, attempts: 0 })
  })
}

export async function retryJobLater(registry: Registry, job: Job): Promise<void> {
  const wait = Math.min(RETRY_MS * 2 ** Math.min(job.attempts, 20), RETRY_MAX_MS)
  await changeAsSystem(registry, ({ trx, at }) =>
    postponeJob(trx, job, { runAt: at + wait, now: at, attempts: job.attempts }),
  )
}

/** Frees what a killed process had taken. Only where no other process can be using the database. */
export async function releaseJobs(registry: Registry): Promise<void> {
  await changeAsSystem(registry, ({ trx, at }) => releaseLeases(trx, at))
}

/** When the next job of a kind wants to run: ms since 1970, undefined when none waits. */
export async function findNextRun(registry: Registry, kind: JobKind): Promise<number | undefined> {
  return await findNextRunAt(registry.db.read, kind)
}
