import type { Job, JobKind } from '../registry/jobs/job.ts'
import type { Queryable } from './database.ts'

/** Queues a job, or moves an already queued one of the same kind and subject forward to `runAt` if that is sooner. */
export async function enqueueJob(
  db: Queryable,
  job: { kind: JobKind; subject: string; runAt: number; createdAt: number },
): Promise<void> {
  await db
    .insertInto('jobs')
    .values({ kind: job.kind, subject: job.subject, run_at: job.runAt, created_at: job.createdAt })
    .onConflict(conflict =>
      conflict.columns(['kind', 'subject']).doUpdateSet({ run_at: job.runAt }).where('jobs.run_at', '>', job.runAt),
    )
    .execute()
}

/** Takes the next due job under a lease: nobody else gets it until `leaseUntil`, and after a crash it becomes free by itself. */
export async function leaseJob(db: Queryable, at: number, leaseUntil: number): Promise<Job | undefined> {
  const row = await db
    .updateTable('jobs')
    .set(eb => ({ leased_until: leaseUntil, attempts: eb('attempts', '+', 1) }))
    .where('seq', '=', eb =>
      eb
        .selectFrom('jobs')
        .select('seq')
        .where('run_at', '<=', at)
        .where(inner => inner.or([inner('leased_until', 'is', null), inner('leased_until', '<=', at)]))
        .orderBy('run_at')
        .limit(1),
    )
    .returningAll()
    .executeTakeFirst()
  return row && { id: row.seq, kind: row.kind as JobKind, subject: row.subject, attempts: row.attempts }
}

export async function deleteJob(db: Queryable, id: number): Promise<void> {
  await db.deleteFrom('jobs').where('seq', '=', id).execute()
}

/** Gives the job back, to run again at `runAt`. */
export async function postponeJob(db: Queryable, id: number, runAt: number): Promise<void> {
  await db.updateTable('jobs').set({ run_at: runAt, leased_until: null }).where('seq', '=', id).execute()
}

/** When the next job wants to run: ms since 1970, undefined when none waits. */
export async function findNextRunAt(db: Queryable): Promise<number | undefined> {
  const row = await db.selectFrom('jobs').select('run_at').orderBy('run_at').limit(1).executeTakeFirst()
  return row?.run_at
}
