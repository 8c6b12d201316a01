import type { Job, JobKind } from '../domain/job.ts'
import type { Queryable } from './database.ts'

/**
 * Queues a job. One of the same kind and subject that is queued already is moved forward if `runAt` is sooner; one that is running
 * right now is told to run once more, since it may have begun before the reason for this one.
 */
export async function enqueueJob(
  db: Queryable,
  job: { kind: JobKind; subject: string; runAt: number; createdAt: number },
): Promise<void> {
  await db
    .insertInto('jobs')
    .values({ kind: job.kind, subject: job.subject, run_at: job.runAt, created_at: job.createdAt })
    .onConflict(conflict =>
      conflict.columns(['kind', 'subject']).doUpdateSet(eb => ({
        run_at: eb.case().when('jobs.run_at', '>', job.runAt).then(job.runAt).else(eb.ref('jobs.run_at')).end(),
        revision: eb('jobs.revision', '+', 1),
      })),
    )
    .execute()
}

/**
 * Takes the next due job by moving it to `leaseUntil`: nobody else finds it due before, and if its worker dies it becomes due again by
 * itself.
 */
export async function leaseJob(db: Queryable, at: number, leaseUntil: number): Promise<Job | undefined> {
  const row = await db
    .updateTable('jobs')
    .set(eb => ({ run_at: leaseUntil, attempts: eb('attempts', '+', 1) }))
    .where('seq', '=', eb => eb.selectFrom('jobs').select('seq').where('run_at', '<=', at).orderBy('run_at').limit(1))
    .returningAll()
    .executeTakeFirst()
  return (
    row && {
      id: row.seq,
      kind: row.kind as JobKind,
      subject: row.subject,
      attempts: row.attempts,
      revision: row.revision,
    }
  )
}

/** Removes a finished job, unless it was queued anew while it ran. Answers whether it is gone. */
export async function deleteJob(db: Queryable, job: Job): Promise<boolean> {
  const row = await db
    .deleteFrom('jobs')
    .where('seq', '=', job.id)
    .where('revision', '=', job.revision)
    .returning('seq')
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Gives the job back, to run again at `runAt`, or right away (`now`) when it was queued anew while it ran. `attempts` counts the failures
 * so far.
 */
export async function postponeJob(
  db: Queryable,
  job: Job,
  { runAt, now, attempts }: { runAt: number; now: number; attempts: number },
): Promise<void> {
  await db
    .updateTable('jobs')
    .set(eb => ({ run_at: eb.case().when('revision', '=', job.revision).then(runAt).else(now).end(), attempts }))
    .where('seq', '=', job.id)
    .execute()
}

/** Makes every job that was taken but not finished due at `at`: only while no other worker can be running. */
export async function releaseTakenJobs(db: Queryable, at: number): Promise<void> {
  await db.updateTable('jobs').set({ run_at: at }).where('attempts', '>', 0).execute()
}

/** When the next job wants to run: ms since 1970, undefined when none waits. */
export async function findNextRunAt(db: Queryable): Promise<number | undefined> {
  const row = await db.selectFrom('jobs').select('run_at').orderBy('run_at').limit(1).executeTakeFirst()
  return row?.run_at
}
