import type { Expression, SqlBool } from 'kysely'
import type { Job, JobKind, NewJob } from '../domain/job.ts'
import type { Reader, Transaction } from './database.ts'

/**
 * Queues jobs. One of the same kind and key that is queued already is moved forward if its time is sooner; one that is running
 * right now is told to run once more, since it may have begun before the reason for this one.
 */
export async function enqueueJobs(trx: Transaction, jobs: NewJob[], at: number): Promise<void> {
  // In one order everywhere, so that two transactions never wait for each other's rows.
  const sorted = jobs.toSorted((a, b) => (`${a.kind} ${a.key}` < `${b.kind} ${b.key}` ? -1 : 1))
  for (const { kind, key, payload, runAt = at } of sorted) {
    await trx
      .insertInto('jobs')
      .values({ kind, key, payload: JSON.stringify(payload), run_at: runAt, created_at: at })
      .onConflict(conflict =>
        conflict.columns(['kind', 'key']).doUpdateSet(eb => ({
          payload: eb.ref('excluded.payload'),
          run_at: eb.case().when('jobs.run_at', '>', runAt).then(runAt).else(eb.ref('jobs.run_at')).end(),
          revision: eb('jobs.revision', '+', 1),
        })),
      )
      .execute()
  }
}

/**
 * Takes the job of a kind that has been due for the longest time, by moving its time to `until`: no other worker finds it due before, and
 * if its worker dies it becomes due again by itself.
 */
export async function leaseJob<K extends JobKind>(
  trx: Transaction,
  { kind, lease, at, until }: { kind: K; lease: string; at: number; until: number },
): Promise<Job<K> | undefined> {
  // Two statements: inside an UPDATE the planner may run the question more than once, and each time it skips what is locked already.
  const due = await trx
    .selectFrom('jobs')
    .select('seq')
    .where('kind', '=', kind)
    .where('run_at', '<=', at)
    .orderBy('run_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  if (!due) return undefined
  const row = await trx
    .updateTable('jobs')
    .set(eb => ({ run_at: until, lease, attempts: eb('attempts', '+', 1) }))
    .where('seq', '=', due.seq)
    .returningAll()
    .executeTakeFirst()
  return (
    row && {
      id: row.seq,
      kind,
      key: row.key,
      payload: JSON.parse(row.payload),
      attempts: row.attempts,
      revision: row.revision,
      lease,
    }
  )
}

/** Moves the end of a lease. Answers false when the lease was lost. A job that was queued anew meanwhile keeps its revision. */
export async function renewLease(trx: Transaction, job: Job, until: number): Promise<boolean> {
  const row = await trx
    .updateTable('jobs')
    .set({ run_at: until })
    .where('seq', '=', job.id)
    .where('lease', '=', job.lease)
    .returning('seq')
    .executeTakeFirst()
  return row !== undefined
}

/** Removes a finished job, unless it was queued anew while it ran or its lease was lost. Answers whether it is gone. */
export async function deleteJob(trx: Transaction, job: Job): Promise<boolean> {
  const row = await trx
    .deleteFrom('jobs')
    .where('seq', '=', job.id)
    .where('lease', '=', job.lease)
    .where('revision', '=', job.revision)
    .returning('seq')
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Gives the job back, to run again at `runAt`, or right away (`now`) when it was queued anew while it ran. `attempts` counts the failures
 * so far. Changes nothing when the lease was lost.
 */
export async function postponeJob(
  trx: Transaction,
  job: Job,
  { runAt, now, attempts }: { runAt: number; now: number; attempts: number },
): Promise<void> {
  await trx
    .updateTable('jobs')
    .set(eb => ({
      // Said to be a number: of two bare parameters a database can't tell the type.
      run_at: eb
        .case()
        .when('revision', '=', job.revision)
        .then(eb.cast<number>(eb.val(runAt), 'bigint'))
        .else(now)
        .end(),
      lease: null,
      attempts,
    }))
    .where('seq', '=', job.id)
    .where('lease', '=', job.lease)
    .execute()
}

/** Makes every job that was taken but not finished due at `at`: only while no other process uses the database. */
export async function releaseLeases(trx: Transaction, at: number): Promise<void> {
  await trx.updateTable('jobs').set({ run_at: at, lease: null }).where('lease', 'is not', null).execute()
}

export interface JobCounts {
  kind: string
  /** Those whose time has come and that no worker holds: taking one moves its time. */
  due: number
  /** Those that have failed and wait to be tried again. */
  failing: number
}

/** Rows that are looked at, so that a long queue costs no more than this. */
const COUNTED = 10_000

/** The queue by kind, up to 10,000 jobs in all. */
export async function countJobs(db: Reader, at: number): Promise<JobCounts[]> {
  const queue = db.selectFrom('jobs').select(['kind', 'run_at', 'attempts', 'lease']).limit(COUNTED)
  const rows = await db
    .selectFrom(queue.as('queue'))
    .select(({ fn, eb, lit, and }) => {
      const countWhere = (condition: Expression<SqlBool>) =>
        fn.sum<number>(eb.case().when(condition).then(lit(1)).else(lit(0)).end())
      return [
        'kind',
        countWhere(eb('run_at', '<=', at)).as('due'),
        countWhere(and([eb('attempts', '>', 0), eb('lease', 'is', null)])).as('failing'),
      ]
    })
    .groupBy('kind')
    .orderBy('kind')
    .execute()
  return rows.map(({ kind, due, failing }) => ({ kind, due: Number(due), failing: Number(failing) }))
}

/** When the next job wants to run: ms since 1970, undefined when none waits. Of one kind, if it is given. */
export async function findNextRunAt(db: Reader, kind?: JobKind): Promise<number | undefined> {
  let query = db.selectFrom('jobs').select('run_at').orderBy('run_at').limit(1)
  if (kind !== undefined) query = query.where('kind', '=', kind)
  return (await query.executeTakeFirst())?.run_at
}
