import { expect, test } from 'vitest'
import type { Overrides } from '../../src/app.ts'
import { LocalStore } from '../../src/blobs/local/local-store.ts'
import { enqueueJob } from '../../src/metadata/jobs.ts'
import { finishJob, takeJob } from '../../src/registry/jobs/queue.ts'
import { keepModel, startRegistry } from '../support/registry.ts'
import { finishJobs, makeJobsDue, storedIds, temporaryDataDir, waitingJobs } from './support.ts'

const PATIENT = { timeout: 20_000, interval: 5 }
const NO_GRACE = { HOLOTYPE_RECLAIM_GRACE_SECONDS: '0' }
const LATER = 4_000_000_000_000

test('a job that was taken by a process that then died is done by the next one', async () => {
  await using temporary = await temporaryDataDir()
  const env = { HOLOTYPE_DATA_DIR: temporary.dataDir }
  const first = await startRegistry(env)
  await enqueue(first, 'reclaim-version', 'mo0000000000000/1')
  // As a killed process leaves it: taken, and never given back.
  const taken = await takeJob(first.app.registry)
  expect(taken).toMatchObject({ kind: 'reclaim-version', attempts: 1 })
  expect(await takeJob(first.app.registry)).toBe(undefined)
  await first.close()

  await using second = await startRegistry({ ...env, HOLOTYPE_ADMIN_KEY: first.admin.key })
  await second.listen()
  await finishJobs(second.app)
})

test('a lease that is not given back ends by itself', async () => {
  await using registry = await startRegistry()
  await enqueue(registry, 'reclaim-version', 'mo0000000000000/1')
  await takeJob(registry.app.registry)
  const [job] = await waitingJobs(registry.app)
  expect(job?.run_at).toBeGreaterThan(Date.now())
  await makeJobsDue(registry.app)
  expect(await takeJob(registry.app.registry)).toMatchObject({ kind: 'reclaim-version', attempts: 2 })
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
  await using registry = await startRegistry(NO_GRACE, { openStore })
  const { app, writer } = registry
  const { id } = await keepModel(writer)
  await writer.delete(`/models/${id}`)
  const failed = () => waitingJobs(app).then(jobs => jobs.filter(job => job.kind === 'delete-bytes'))
  await expect.poll(failed, PATIENT).toMatchObject([{ attempts: 1 }])
  await expect.poll(async () => (await failed())[0]?.run_at, PATIENT).toBeLessThan(Date.now() + 60_000)
  const [job] = await failed()
  expect(job?.run_at).toBeGreaterThan(Date.now())
  await enqueue(registry, 'reclaim-version', 'mo0000000000000/1')
  app.worker.wake()
  await expect.poll(() => waitingJobs(app), PATIENT).toHaveLength(1)
  expect(await storedIds(app)).toHaveLength(1)
  isBroken = false
  await makeJobsDue(app)
  await finishJobs(app)
  expect(await storedIds(app)).toEqual([])
})

test('a job that is queued anew while it runs runs once more', async () => {
  await using registry = await startRegistry()
  const { app } = registry
  await enqueue(registry, 'reclaim-version', 'mo0000000000000/1')
  const job = await takeJob(app.registry)
  expect.assert(job)
  await enqueue(registry, 'reclaim-version', 'mo0000000000000/1')
  await finishJob(app.registry, job, undefined)
  const again = await takeJob(app.registry)
  expect(again).toMatchObject({ id: job.id, attempts: 1 })
  expect.assert(again)
  await finishJob(app.registry, again, undefined)
  expect(await waitingJobs(app)).toEqual([])
})

test('a job that is queued twice is kept once, for the sooner of both times', async () => {
  await using registry = await startRegistry()
  const { app } = registry
  for (const runAt of [LATER + 1, LATER, LATER + 2]) {
    await enqueue(registry, 'reclaim-version', 'mo0000000000000/1', runAt)
  }
  expect(await waitingJobs(app)).toMatchObject([{ run_at: LATER }])
})

test('rows that no release ever wrote do no harm and keep nobody from working', async () => {
  await using registry = await startRegistry(NO_GRACE)
  const { app, writer } = registry
  const kept = await keepModel(writer, { 'kept.bin': 'kept' })
  const gone = await keepModel(writer, { 'gone.bin': 'gone' })
  const { blob_id } = await app.registry.db.read
    .selectFrom('files')
    .select('blob_id')
    .where('model_id', '=', kept.id)
    .executeTakeFirstOrThrow()
  const provider = (await writer.get('/storage-providers')).json().items[0].id
  const hostile: Array<[string, string]> = [
    ['make-coffee', 'black'],
    ['', ''],
    ['delete-bytes', `${provider}/../../registry.sqlite`],
    ['delete-bytes', `${provider}/${blob_id}/../x`],
    ['delete-bytes', `no-such-provider/${blob_id}`],
    ['delete-bytes', blob_id],
    ['delete-bytes', `${provider}/${blob_id}`],
    ['reclaim-model', kept.id],
    ['reclaim-version', `${kept.id}/1`],
    ['reclaim-version', kept.id],
    ['reclaim-version', `${kept.id}/NaN`],
    ['reclaim-version', `${kept.id}/1e999`],
    ['reclaim-version', `' OR 1=1 --/1`],
    ['reclaim-model', ''],
    ['reclaim-model', '%'],
  ]
  await app.registry.db.transaction(async trx => {
    for (const [kind, subject] of hostile) {
      await trx.insertInto('jobs').values({ kind, subject, run_at: 0, created_at: 0 }).execute()
    }
  })
  await writer.delete(`/models/${gone.id}`)
  await expect.poll(() => storedIds(app), PATIENT).toEqual([blob_id])
  // What names no blob fails each time, is kept for someone to see, and waits longer and longer.
  const impossible = { subject: `${provider}/../../registry.sqlite` }
  await expect.poll(() => waitingJobs(app), PATIENT).toMatchObject([impossible])
  const answer = await writer.get(`/models/${kept.id}/versions/1/files/kept.bin`)
  expect([answer.statusCode, answer.body]).toEqual([200, 'kept'])
})

async function enqueue(
  { app }: Awaited<ReturnType<typeof startRegistry>>,
  kind: 'reclaim-version',
  subject: string,
  runAt = 0,
): Promise<void> {
  await app.registry.db.transaction(trx => enqueueJob(trx, { kind, subject, runAt, createdAt: 0 }))
}

test('a job that wants to run later, but was queued anew while it ran, runs right away', async () => {
  await using registry = await startRegistry()
  await enqueue(registry, 'reclaim-version', 'mo0000000000000/1')
  const job = await takeJob(registry.app.registry)
  if (!job) throw new Error('no job is due')
  await enqueue(registry, 'reclaim-version', 'mo0000000000000/1')
  await finishJob(registry.app.registry, job, LATER)
  expect(await takeJob(registry.app.registry)).toMatchObject({ kind: 'reclaim-version', attempts: 1 })
})
