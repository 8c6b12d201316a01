/** What lies behind the API: the rows and bytes that jobs move, and a way to wait for the jobs. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import type { App } from '../../src/app.ts'

/** The blobs that have bytes in the store, sorted. */
export async function storedIds(app: App): Promise<string[]> {
  const ids: string[] = []
  for (const store of await app.registry.stores.all()) for await (const { id } of store.list()) ids.push(id)
  return ids.sort()
}

/** The blobs that have a row, sorted. */
export async function knownIds(app: App): Promise<string[]> {
  const rows = await app.registry.db.read.selectFrom('blobs').select('id').orderBy('id').execute()
  return rows.map(row => row.id)
}

export interface WaitingJob {
  kind: string
  subject: string
  attempts: number
  run_at: number
}

export async function waitingJobs(app: App): Promise<WaitingJob[]> {
  return await app.registry.db.read
    .selectFrom('jobs')
    .select(['kind', 'subject', 'attempts', 'run_at'])
    .orderBy('seq')
    .execute()
}

/** Lets the worker run until no job is left. Fails when one stays. */
export async function finishJobs(app: App): Promise<void> {
  await vi.waitFor(
    async () => {
      app.worker.wake()
      expect(await waitingJobs(app)).toEqual([])
    },
    { timeout: 20_000, interval: 5 },
  )
}

/** Lets the worker run until no job is due or being worked on: what remains waits for its time. */
export async function finishDueJobs(app: App): Promise<void> {
  await vi.waitFor(
    async () => {
      app.worker.wake()
      const now = Date.now()
      expect((await waitingJobs(app)).filter(job => job.attempts > 0 || job.run_at <= now)).toEqual([])
    },
    { timeout: 20_000, interval: 5 },
  )
}

/** Makes every waiting job due now, as if the time for it had come. */
export async function makeJobsDue(app: App): Promise<void> {
  await app.registry.db.transaction(trx => trx.updateTable('jobs').set({ run_at: 0 }).execute())
}

/** The number of rows in a table. */
export async function countRows(
  app: App,
  table: 'models' | 'versions' | 'files' | 'blobs' | 'aliases',
): Promise<number> {
  const row = await app.registry.db.read
    .selectFrom(table)
    .select(eb => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return row.count
}

/** A data directory that outlives the registries in it. */
export async function temporaryDataDir(): Promise<AsyncDisposable & { dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'holotype-jobs-'))
  return { dataDir, [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true }) }
}
