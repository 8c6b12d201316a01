import { expect, test } from 'vitest'
import type { Overrides } from '../../src/app.ts'
import { LocalStore } from '../../src/blobs/local/local-store.ts'
import type { NewJob } from '../../src/domain/job.ts'
import { finishJob, LEASE_MS, queueJob, renewJob, retryJobLater, takeJob } from '../../src/registry/jobs/queue.ts'
import { movableClock } from '../support/clock.ts'
import { finishJobs, waitingJobs } from '../support/jobs.ts'
import { keepModel, startRegistry } from '../support/registry.ts'
import { storedIds, temporaryDataDir } from './support.ts'

const PATIENT = { timeout: 20_000, interval: 5 }
const NO_GRACE = { HOLOTYPE_RECLAIM_GRACE_SECONDS: '0' }
const HOUR = 3_600_000

/** Queued for a time at which the worker of a test does not look, so that the test is the only one to take it. */
const job = (key: string, runAt: number): NewJob<'reclaim-model'> => ({
  kind: 'reclaim-model',
  key,
  payload: { modelId: key },
  runAt,
})

/** A registry whose worker does nothing, with a clock that the test moves. */
async function startIdle() {
  const clock = movableClock()
  const started = await startRegistry({}, { clock })
  await started.app.worker.stop()
  return {
    clock,
    app: started.app,
    registry: started.app.registry,
    [Symbol.asyncDispose]: () => started.close(),
  }
}

test('a job that was taken by a process that then died is done by the next one', async () => {
  await using temporary = await temporaryDataDir()
  const env = { HOLOTYPE_DATA_DIR: temporary.dataDir, ...NO_GRACE }
  const clock = movableClock()
  const first = await startRegistry(env, { clock })
  const { id } = await keepModel(first.writer)
  await first.app.worker.stop()
  await first.writer.delete(`/models/${id}`)
  // As a killed process leaves it: taken, and never given back.
  expect(await takeJob(first.app.registry, 'reclaim-model')).toMatchObject({ key: id, attempts: 1 })
  expect(await takeJob(first.app.registry, 'reclaim-model')).toBe(undefined)
  await first.close()

  // Where another process may have it, its lease must end first.
  clock.move(first.app.registry.db.isExclusive ? 0 : LEASE_MS)
  await using second = await startRegistry({ ...env, HOLOTYPE_ADMIN_KEY: first.admin.key }, { clock })
  await second.listen()
  await finishJobs(second.app)
  expect(await storedIds(second.app)).toEqual([])
})

test('a job is held for the time of its lease, and then falls to the next that asks', async () => {
  await using idle = await startIdle()
  const { registry, clock } = idle
  await queueJob(registry, job('one', 0))
  const held = await takeJob(registry, 'reclaim-model')
  clock.move(LEASE_MS - 1000)
  expect(await takeJob(registry, 'reclaim-model')).toBe(undefined)
  clock.move(1000)
  const taken = await takeJob(registry, 'reclaim-model')
  expect(taken).toMatchObject({ key: 'one', attempts: 2 })
  expect(taken?.lease).not.toBe(held?.lease)
})

test('a lease that is renewed does not end', async () => {
  await using idle = await startIdle()
  const { registry, clock } = idle
  await queueJob(registry, job('one', 0))
  const held = await takeJob(registry, 'reclaim-model')
  expect.assert(held)
  for (let minute = 0; minute < 5; minute += 1) {
    clock.move(LEASE_MS - 1000)
    expect(await renewJob(registry, held)).toBe(true)
    expect(await takeJob(registry, 'reclaim-model')).toBe(undefined)
  }
})

test('a worker that has lost its lease can neither renew nor finish nor postpone the job', async () => {
  await using idle = await startIdle()
  const { app, registry, clock } = idle
  await queueJob(registry, job('one', 0))
  const lost = await takeJob(registry, 'reclaim-model')
  clock.move(LEASE_MS)
  const held = await takeJob(registry, 'reclaim-model')
  expect.assert(lost)
  expect.assert(held)
  const before = await waitingJobs(app)
  expect(await renewJob(registry, lost)).toBe(false)
  await finishJob(registry, lost, undefined)
  await finishJob(registry, lost, 0)
  await retryJobLater(registry, lost)
  expect(await waitingJobs(app)).toEqual(before)
  await finishJob(registry, held, undefined)
  expect(await waitingJobs(app)).toEqual([])
})

test('the job that has been due for the longest time goes first, within its kind', async () => {
  await using idle = await startIdle()
  const { registry } = idle
  for (const [key, runAt] of Object.entries({ second: 2, third: 3, first: 1 }))
    await queueJob(registry, job(key, runAt))
  await queueJob(registry, { kind: 'sweep-orphans', key: 'all', payload: {}, runAt: 0 })
  const keys = []
  for (let count = 0; count < 3; count += 1) keys.push((await takeJob(registry, 'reclaim-model'))?.key)
  expect(keys).toEqual(['first', 'second', 'third'])
  expect(await takeJob(registry, 'reclaim-model')).toBe(undefined)
})

test('many workers that ask at the same time get each job once', async () => {
  await using idle = await startIdle()
  const { registry } = idle
  const keys = Array.from({ length: 10 }, (_, index) => `job ${index}`)
  for (const key of keys) await queueJob(registry, job(key, 0))
  const taken = await Promise.all(Array.from({ length: 30 }, () => takeJob(registry, 'reclaim-model')))
  const got = taken.filter(each => each !== undefined)
  expect(got.map(each => each.key).toSorted()).toEqual(keys)
  expect(new Set(got.map(each => each.lease)).size).toBe(10)
})

test('a job that fails is kept, tried again later, and does not keep others from running', async () => {
  let isBroken = true
  const openStore: Overrides['openStore'] = async dir => {
    const store = await LocalStore.open(dir)
    const remove = store.delete.bind(store)
    store.delete = async id => {
      if (isBroken) throw new Error('the disk does not answer')
      await remove(id)
    }
    return store
  }
  const clock = movableClock()
  await using started = await startRegistry(NO_GRACE, { openStore, clock })
  const { app, writer } = started
  const { id } = await keepModel(writer)
  await writer.delete(`/models/${id}`)
  const failed = async () => (await waitingJobs(app)).filter(({ attempts, lease }) => attempts > 0 && lease === null)
  await expect.poll(failed, PATIENT).toMatchObject([{ kind: 'delete-bytes', attempts: 1 }])
  const [waiting] = await failed()
  expect(waiting?.run_at).toBeGreaterThan(clock.now() - 1000)
  expect(waiting?.run_at).toBeLessThan(clock.now() + 60_000)

  const other = await keepModel(writer, {})
  await writer.delete(`/models/${other.id}`)
  await expect.poll(async () => (await waitingJobs(app)).map(({ kind }) => kind), PATIENT).toEqual(['delete-bytes'])
  expect(await storedIds(app)).toHaveLength(1)

  isBroken = false
  clock.move(HOUR)
  await finishJobs(app)
  expect(await storedIds(app)).toEqual([])
})

test('a job that keeps failing waits longer each time, a quarter of an hour at most', async () => {
  await using idle = await startIdle()
  const { app, registry, clock } = idle
  await queueJob(registry, job('one', 0))
  const waits = []
  for (let attempt = 0; attempt < 12; attempt += 1) {
    const held = await takeJob(registry, 'reclaim-model')
    expect.assert(held)
    await retryJobLater(registry, held)
    const [waiting] = await waitingJobs(app)
    waits.push(Math.round(((waiting?.run_at ?? 0) - clock.now()) / 1000))
    clock.move(HOUR)
  }
  expect(waits.slice(0, 5)).toEqual([2, 4, 8, 16, 32])
  expect(waits.slice(-3)).toEqual([900, 900, 900])
})

test('a job that is queued anew while it runs runs once more', async () => {
  await using idle = await startIdle()
  const { app, registry } = idle
  await queueJob(registry, job('one', 0))
  const held = await takeJob(registry, 'reclaim-model')
  expect.assert(held)
  await queueJob(registry, job('one', 0))
  await finishJob(registry, held, undefined)
  const again = await takeJob(registry, 'reclaim-model')
  expect(again).toMatchObject({ id: held.id, attempts: 1 })
  expect.assert(again)
  await finishJob(registry, again, undefined)
  expect(await waitingJobs(app)).toEqual([])
})

test('a job that wants to run later, but was queued anew while it ran, runs right away', async () => {
  await using idle = await startIdle()
  const { registry, clock } = idle
  await queueJob(registry, job('one', 0))
  const held = await takeJob(registry, 'reclaim-model')
  expect.assert(held)
  await queueJob(registry, job('one', 0))
  await finishJob(registry, held, clock.now() + HOUR)
  expect(await takeJob(registry, 'reclaim-model')).toMatchObject({ key: 'one', attempts: 1 })
})

test('a job that is queued twice is kept once, for the sooner of both times and with the later payload', async () => {
  await using idle = await startIdle()
  const { app, registry, clock } = idle
  const soon = clock.now() + HOUR
  for (const [modelId, runAt] of Object.entries({ first: soon + 1, second: soon, third: soon + 2 })) {
    await queueJob(registry, { ...job('one', runAt), payload: { modelId } })
  }
  expect(await waitingJobs(app)).toMatchObject([{ run_at: soon }])
  clock.move(2 * HOUR)
  expect(await takeJob(registry, 'reclaim-model')).toMatchObject({ payload: { modelId: 'third' } })
})

test('jobs that no operation would ever queue do no harm and keep no others from running', async () => {
  await using started = await startRegistry(NO_GRACE)
  const { app, writer } = started
  const kept = await keepModel(writer, { 'kept.bin': 'kept' })
  const gone = await keepModel(writer, { 'gone.bin': 'gone' })
  const storageProviderId = (await writer.get('/storage-providers')).json().items[0].id
  const [blobId = ''] = await storedIds(app)
  const both = await storedIds(app)
  const hostile: NewJob[] = [
    { kind: 'delete-bytes', key: 'path', payload: { storageProviderId, blobIds: ['../../registry.sqlite'] } },
    { kind: 'delete-bytes', key: 'in use', payload: { storageProviderId, blobIds: both } },
    { kind: 'delete-bytes', key: 'elsewhere', payload: { storageProviderId: 'sp0', blobIds: [blobId] } },
    { kind: 'reclaim-model', key: 'in use', payload: { modelId: kept.id } },
    { kind: 'reclaim-model', key: '%', payload: { modelId: '%' } },
    { kind: 'reclaim-version', key: 'in use', payload: { modelId: kept.id, number: 1 } },
    { kind: 'reclaim-version', key: 'quoted', payload: { modelId: "' OR 1=1 --", number: 1 } },
  ]
  for (const each of hostile) await queueJob(app.registry, each)
  await writer.delete(`/models/${gone.id}`)
  await finishJobs(app)
  expect(await storedIds(app)).toHaveLength(1)
  // What names no blob fails each time, is kept for someone to see, and waits longer and longer.
  expect(await waitingJobs(app)).toMatchObject([{ kind: 'delete-bytes', key: 'path' }])
  const answer = await writer.get(`/models/${kept.id}/versions/1/files/kept.bin`)
  expect([answer.statusCode, answer.body]).toEqual([200, 'kept'])
})
