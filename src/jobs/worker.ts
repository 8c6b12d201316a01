/** Drains the jobs table: work that was queued with a change and may happen after its answer. */

import type { Job } from '../domain/job.ts'
import { deleteBytes } from '../registry/blobs/delete-bytes.ts'
import { reclaimBlobs } from '../registry/blobs/reclaim-blobs.ts'
import { sweepOrphans } from '../registry/blobs/sweep-orphans.ts'
import { findNextRun, finishJob, retryJobLater, takeJob } from '../registry/jobs/queue.ts'
import { reclaimModel } from '../registry/models/reclaim-model.ts'
import type { Registry } from '../registry/registry.ts'
import { reclaimVersion } from '../registry/versions/reclaim-version.ts'

/** The longest wait between two looks, in ms: another process may have queued something. */
const LOOK_MS = 30_000
/** The wait after a look that failed, in ms: the database will hardly be back sooner, and each failure is a line in the log. */
const FAILED_LOOK_MS = 5000

export class Worker {
  readonly #registry: Registry
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #stopped = false

  constructor(registry: Registry) {
    this.#registry = registry
  }

  /** Looks for due jobs now, and from then on whenever one becomes due. */
  wake(): void {
    if (this.#stopped || this.#running) return
    clearTimeout(this.#timer)
    this.#running = this.processDue().then(
      () => this.#sleep(10),
      error => {
        this.#registry.warn('the job queue could not be worked on', error)
        return this.#sleep(FAILED_LOOK_MS)
      },
    )
  }

  /** Runs jobs until none is due. */
  async processDue(): Promise<void> {
    for (;;) {
      if (this.#stopped) return
      const job = await takeJob(this.#registry)
      if (!job) return
      await this.#run(job)
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  async #run(job: Job): Promise<void> {
    try {
      await finishJob(this.#registry, job, await this.#perform(job))
    } catch (error) {
      this.#registry.warn(
        `job ${job.kind} ${job.subject} failed (attempt ${job.attempts}); it will be tried again`,
        error,
      )
      await retryJobLater(this.#registry, job)
    }
  }

  /** @returns when to run the same job again (ms since 1970), or undefined when it is done. */
  async #perform({ kind, subject }: Job): Promise<number | undefined> {
    const [first = '', second = ''] = subject.split('/')
    switch (kind) {
      case 'reclaim-model':
        return void (await reclaimModel(this.#registry, subject))
      case 'reclaim-version':
        return void (await reclaimVersion(this.#registry, { modelId: first, number: Number(second) }))
      case 'reclaim-blobs':
        return await reclaimBlobs(this.#registry)
      case 'delete-bytes':
        return void (await deleteBytes(this.#registry, first, second))
      case 'sweep-orphans':
        return void (await sweepOrphans(this.#registry))
    }
  }

  async #sleep(atLeastMs: number): Promise<void> {
    this.#running = undefined
    if (this.#stopped) return
    const next = await findNextRun(this.#registry).catch(() => undefined)
    const wait =
      next === undefined ? LOOK_MS : Math.min(Math.max(next - this.#registry.clock.now(), atLeastMs), LOOK_MS)
    this.#timer = setTimeout(() => this.wake(), wait)
    this.#timer.unref()
  }
}
