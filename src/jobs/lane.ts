/** Runs the jobs of one kind: so a slow kind never keeps another waiting. Within a kind the job that has been due longest goes first. */
import type { Job, JobKind } from '../domain/job.ts'
import { findNextRun, finishJob, LEASE_MS, renewJob, retryJobLater, takeJob } from '../registry/jobs/queue.ts'
import type { Registry } from '../registry/registry.ts'
import { countJob } from '../registry/tally.ts'
import type { JobHandler } from './handlers.ts'

/** The longest wait between two looks, in ms: another process may have queued something. */
const LOOK_MS = 30_000
/** The wait after a look that failed, in ms: the database will hardly be back sooner, and each failure is a line in the log. */
const FAILED_LOOK_MS = 5000

export class Lane<K extends JobKind> {
  readonly #registry: Registry
  readonly #kind: K
  readonly #handler: JobHandler<K>
  readonly #running = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(registry: Registry, kind: K, handler: JobHandler<K>) {
    this.#registry = registry
    this.#kind = kind
    this.#handler = handler
  }

  /** Looks for due jobs now, and from then on whenever one becomes due. */
  wake(): void {
    clearTimeout(this.#timer)
    if (this.#isStopped || this.#running.size >= this.#handler.concurrency) return
    const running = this.processDue()
      .then(
        () => 10,
        error => {
          this.#registry.warn(`the queue of ${this.#kind} jobs could not be worked on`, error)
          return FAILED_LOOK_MS
        },
      )
      .then(async atLeastMs => {
        this.#running.delete(running)
        await this.#sleep(atLeastMs)
      })
    this.#running.add(running)
  }

  /** Runs jobs one after the other until none is due. */
  async processDue(): Promise<void> {
    while (!this.#isStopped) {
      const job = await takeJob(this.#registry, this.#kind)
      if (!job) return
      // There may be more: as many at a time as the kind allows.
      if (this.#running.size > 0) this.wake()
      await this.#run(job)
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await Promise.all(this.#running)
    clearTimeout(this.#timer)
  }

  async #run(job: Job<K>): Promise<void> {
    const startedAt = performance.now()
    const renewal = setInterval(() => this.#renew(job), LEASE_MS / 3)
    try {
      await finishJob(this.#registry, job, await this.#handler.run(this.#registry, job.payload))
      countJob(this.#registry.tally, job.kind, 'done')
      this.#registry.debug(`job ${job.kind} ${job.key} ran for ${Math.round(performance.now() - startedAt)} ms`)
    } catch (error) {
      countJob(this.#registry.tally, job.kind, 'failed')
      this.#registry.warn(`job ${job.kind} ${job.key} failed (attempt ${job.attempts}); it will be tried again`, error)
      await retryJobLater(this.#registry, job)
    } finally {
      clearInterval(renewal)
    }
  }

  /** A lease that can't be renewed ends: another worker then repeats the job, which every job allows. */
  #renew(job: Job<K>): void {
    renewJob(this.#registry, job).catch(error =>
      this.#registry.warn(`the lease of job ${job.kind} ${job.key} could not be renewed`, error),
    )
  }

  async #sleep(atLeastMs: number): Promise<void> {
    if (this.#isStopped) return
    const next = await findNextRun(this.#registry, this.#kind).catch(() => undefined)
    const untilNext = next === undefined ? LOOK_MS : Math.max(next - this.#registry.clock.now(), atLeastMs)
    clearTimeout(this.#timer)
    if (this.#isStopped) return
    this.#timer = setTimeout(() => this.wake(), Math.min(untilNext, LOOK_MS))
    this.#timer.unref()
  }
}
