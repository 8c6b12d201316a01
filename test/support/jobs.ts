/** Waiting for what happens after an answer. */
import { expect, vi } from 'vitest'
import type { App } from '../../src/app.ts'

export interface WaitingJob {
  kind: string
  key: string
  attempts: number
  run_at: number
  lease: string | null
}

/** All jobs that are queued or being worked on, the oldest first. */
export async function waitingJobs(app: Pick<App, 'registry'>): Promise<WaitingJob[]> {
  const jobs = app.registry.db.read.selectFrom('jobs').orderBy('seq')
  return await jobs.select(['kind', 'key', 'attempts', 'run_at', 'lease']).execute()
}

/**
 * Lets the worker run until no job is due or being worked on: what remains waits for its time, as `expire-uploads` always does. Fails when
 * they come to no end.
 */
export async function finishJobs(app: Pick<App, 'registry' | 'worker'>): Promise<void> {
  await vi.waitFor(
    async () => {
      app.worker.wake()
      const jobs = await waitingJobs(app)
      // The time after the look: what was queued just before it is due, too.
      const now = app.registry.clock.now()
      const due = jobs.filter(job => job.lease !== null || job.run_at <= now)
      expect(due).toEqual([])
    },
    { timeout: 20_000, interval: 5 },
  )
}
