/** What deleting leaves behind, and for how long. */
import { expect, test } from 'vitest'
import { Worker } from '../../src/jobs/worker.ts'
import { deleteHold, setHold } from '../../src/metadata/holds.ts'
import { startUpload } from '../lifecycle/slow-upload.ts'
import { movableClock } from '../support/clock.ts'
import { finishJobs, waitingJobs } from '../support/jobs.ts'
import { type Caller, keepModel, startRegistry } from '../support/registry.ts'
import { seedFiles } from '../support/seed-files.ts'
import { countRows, knownIds, storedIds } from './support.ts'

const NO_GRACE = { HOLOTYPE_RECLAIM_GRACE_SECONDS: '0' }
const GRACE_MS = 600_000
const GRACE = { HOLOTYPE_RECLAIM_GRACE_SECONDS: String(GRACE_MS / 1000) }
const HOUR = 3_600_000

test('deleting a model removes its rows, then its bytes, and the usage returns to 0', async () => {
  await using registry = await startRegistry(NO_GRACE)
  const { app, writer } = registry
  const { id } = await keepModel(writer, { 'a.bin': 'a', 'folder/b.bin': 'b', 'empty.bin': '' })
  await writer.put(`/models/${id}/aliases/production`, { version: '1' })
  expect(await usageOf(writer)).toBe(2)
  expect(await storedIds(app)).toHaveLength(3)
  expect((await writer.delete(`/models/${id}`)).statusCode).toBe(200)
  expect((await writer.get(`/models/${id}`)).statusCode).toBe(404)
  await finishJobs(app)
  for (const table of ['models', 'versions', 'files', 'blobs', 'aliases'] as const) {
    expect(await countRows(app, table), table).toBe(0)
  }
  expect(await storedIds(app)).toEqual([])
  expect(await usageOf(writer)).toBe(0)
})

test('bytes stay for the grace time after their last file is gone, and go after it', async () => {
  const clock = movableClock()
  await using registry = await startRegistry(GRACE, { clock })
  const { app, writer } = registry
  const { id, version } = await keepModel(writer)
  await writer.delete(`/models/${id}/versions/${version}`)
  await finishJobs(app)
  expect(await countRows(app, 'files')).toBe(0)
  expect(await storedIds(app)).toHaveLength(1)
  expect(await waitingJobs(app)).toMatchObject([{ kind: 'reclaim-blobs' }])
  clock.move(GRACE_MS - 60_000)
  await finishJobs(app)
  expect(await storedIds(app)).toHaveLength(1)
  clock.move(60_000)
  await finishJobs(app)
  expect(await storedIds(app)).toEqual([])
  expect(await waitingJobs(app)).toEqual([])
})

test('bytes stay while any file still refers to them', async () => {
  await using registry = await startRegistry(NO_GRACE)
  const { app, writer } = registry
  const gone = await keepModel(writer, { 'a.bin': 'shared', 'b.bin': 'own' })
  const kept = await keepModel(writer, { 'other/name.bin': 'shared' })
  expect(await storedIds(app)).toHaveLength(2)
  await writer.delete(`/models/${gone.id}`)
  await finishJobs(app)
  expect(await storedIds(app)).toHaveLength(1)
  const answer = await writer.get(`/models/${kept.id}/versions/1/files/other/name.bin`)
  expect([answer.statusCode, answer.body]).toEqual([200, 'shared'])
})

test.for(['replaced', 'deleted'])(
  'the bytes of a file that was %s in a draft are reclaimed',
  async (how, { expect }) => {
    await using registry = await startRegistry(NO_GRACE)
    const { app, writer } = registry
    const { id } = (await writer.post('/models', { name: 'a model' })).json()
    await writer.post(`/models/${id}/versions`)
    const file = `/models/${id}/versions/1/files/a.bin`
    await writer.put(file, 'before')
    if (how === 'deleted') await writer.delete(file)
    else await writer.put(file, 'after!')
    await finishJobs(app)
    expect(await storedIds(app)).toEqual(await knownIds(app))
    expect(await usageOf(writer)).toBe(how === 'deleted' ? 0 : 6)
  },
)

test('an upload of the same bytes during the grace time keeps them (R05, R06)', async () => {
  const clock = movableClock()
  await using registry = await startRegistry(GRACE, { clock })
  const { app, writer } = registry
  const first = await keepModel(writer)
  await writer.delete(`/models/${first.id}`)
  await finishJobs(app)
  const before = await storedIds(app)
  const second = await keepModel(writer)
  expect(await storedIds(app)).toEqual(before)
  clock.move(2 * GRACE_MS)
  await finishJobs(app)
  expect(await storedIds(app)).toEqual(before)
  expect((await writer.get(`/models/${second.id}/versions/1/files/weights.bin`)).body).toBe('weights')
})

test('nothing is reclaimed under a hold, and everything after it', async () => {
  const clock = movableClock()
  await using registry = await startRegistry(NO_GRACE, { clock })
  const { app, writer } = registry
  const { db } = app.registry
  await db.transaction(trx => setHold(trx, 'backup', clock.now() + HOUR))
  const { id } = await keepModel(writer)
  await writer.delete(`/models/${id}`)
  await finishJobs(app)
  expect(await countRows(app, 'files')).toBe(0)
  clock.move(HOUR - 60_000)
  await finishJobs(app)
  expect(await storedIds(app)).toHaveLength(1)
  await db.transaction(trx => deleteHold(trx, 'backup'))
  clock.move(60_000)
  await finishJobs(app)
  expect(await storedIds(app)).toEqual([])
})

test('a hold that is over holds nothing', async () => {
  const clock = movableClock()
  await using registry = await startRegistry(NO_GRACE, { clock })
  const { app, writer } = registry
  await app.registry.db.transaction(trx => setHold(trx, 'backup', clock.now() + 1000))
  clock.move(2000)
  const { id } = await keepModel(writer)
  await writer.delete(`/models/${id}`)
  await finishJobs(app)
  expect(await storedIds(app)).toEqual([])
})

test('while a model with thousands of files is reclaimed, others are served', async () => {
  await using registry = await startRegistry(NO_GRACE)
  const { app, writer } = registry
  const { id } = (await writer.post('/models', { name: 'a model' })).json()
  await writer.post(`/models/${id}/versions`)
  await writer.put(`/models/${id}/versions/1/files/one`, 'bytes')
  const files = 20_000
  await seedFiles(app, id, files)
  await writer.delete(`/models/${id}`)
  const left: number[] = []
  while ((await countRows(app, 'files')) > 0 && left.length < files) {
    expect((await writer.post('/models', { name: 'in between' })).statusCode).toBe(200)
    left.push(await countRows(app, 'files'))
  }
  // At least one caller was served after the reclaim had begun and before it had ended.
  expect(left.filter(count => count > 0 && count < files)).not.toEqual([])
  await finishJobs(app)
  expect(await storedIds(app)).toEqual([])
})

test.for(['before', 'after'])(
  'an upload that ends after its model was deleted, %s the rows are gone, is refused and leaves nothing',
  async (moment, { expect }) => {
    await using registry = await startRegistry(NO_GRACE)
    const { app, writer } = registry
    const url = await registry.listen()
    const { id } = (await writer.post('/models', { name: 'a model' })).json()
    await writer.post(`/models/${id}/versions`)
    // The model's rows are there until someone works on the jobs.
    if (moment === 'before') await app.worker.stop()
    const upload = await startUpload(`${url}/models/${id}/versions/1/files/a.bin`, writer.key, 'half')
    expect((await writer.delete(`/models/${id}`)).statusCode).toBe(200)
    if (moment === 'after') await finishJobs(app)
    expect((await upload.finish('')).status).toBe(404)
    expect(await countRows(app, 'files')).toBe(0)
    await finishJobs({ registry: app.registry, worker: new Worker(app.registry) })
    expect(await storedIds(app)).toEqual([])
  },
)

async function usageOf(caller: Caller): Promise<number> {
  const usage = (await caller.get('/storage-providers/utilization')).json()
  expect(usage.totalUsage).toBe(usage.modelUsage)
  return Number(usage.modelUsage)
}
