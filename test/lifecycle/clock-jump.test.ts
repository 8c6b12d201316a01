/** The machine's clock was years ahead for a while. Afterwards times are right again, and nothing waits for those years to pass. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { setHold } from '../../src/metadata/holds.ts'
import { sweepOrphans } from '../../src/registry/blobs/sweep-orphans.ts'
import { type MovableClock, movableClock } from '../support/clock.ts'
import { finishJobs, waitingJobs } from '../support/jobs.ts'
import { collectLogs } from '../support/logs.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'
import { storedFiles } from '../support/stored-files.ts'

const YEAR = 365 * 24 * 60 * 60_000
const GRACE = { HOLOTYPE_RECLAIM_GRACE_SECONDS: '1' }
const PATIENT = { timeout: 20_000, interval: 20 }

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'holotype-clock-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

/** What is under way while the clock is wrong: a file that was deleted, a backup, an upload, a repeated request, a running job. */
async function leaveThingsUnderWay({ app, writer }: TestRegistry): Promise<string> {
  const { id } = (await writer.post('/models', { name: 'from the future' }, { 'idempotency-key': 'once' })).json()
  await writer.post(`/models/${id}/versions`)
  await writer.put(`/models/${id}/versions/1/files/deleted.bin`, 'deleted')
  await writer.delete(`/models/${id}/versions/1/files/deleted.bin`)
  const { registry } = app
  const at = registry.clock.now()
  await sweepOrphans(registry)
  await registry.db.transaction(async trx => {
    await setHold(trx, 'backup-killed', at + 60 * 60_000)
    const [version] = await trx.selectFrom('versions').selectAll().where('model_id', '=', id).execute()
    const [provider] = await trx.selectFrom('storage_providers').selectAll().execute()
    const key = await trx.selectFrom('api_keys').selectAll().limit(1).executeTakeFirstOrThrow()
    expect.assert(version && provider)
    const upload = { path: 'killed.bin', storage_provider_id: provider.id, blob_id: 'bl0000000000000', created_at: at }
    const by = { team_id: provider.team_id, model_id: id, number: 1, user_id: version.user_id, api_key_id: key.id }
    await trx
      .insertInto('uploads')
      .values({ id: 'up0', ...upload, ...by, expires_at: at + 60_000 })
      .execute()
    await trx.updateTable('jobs').set({ lease: 'of a killed worker' }).where('kind', '=', 'reclaim-blobs').execute()
  })
  return id
}

async function expectNothingWaits({ app }: TestRegistry): Promise<void> {
  const { read } = app.registry.db
  const limit = Date.now() + 2 * 60 * 60_000
  for (const { kind, run_at } of await waitingJobs(app)) expect(run_at, kind).toBeLessThan(limit)
  const holds = await read.selectFrom('holds').select('until').execute()
  const uploads = await read.selectFrom('uploads').select('expires_at').execute()
  for (const time of [...holds.map(row => row.until), ...uploads.map(row => row.expires_at)])
    expect(time).toBeLessThan(limit)
  const keys = await read.selectFrom('idempotency_keys').select('created_at').execute()
  for (const { created_at } of keys) expect(created_at).toBeLessThan(limit)
}

/** The hold of the killed backup would keep bytes for its hour. */
async function endHolds({ app }: TestRegistry): Promise<void> {
  await app.registry.db.transaction(trx => trx.deleteFrom('holds').execute())
  await app.registry.db.transaction(trx =>
    trx.updateTable('jobs').set({ run_at: 0 }).where('kind', '=', 'reclaim-blobs').execute(),
  )
  app.worker.wake()
}

test.each([1, 13])(
  'a clock %i years ahead at one start is reported at the next one, and times are right again',
  async years => {
    const wrong: MovableClock = movableClock()
    wrong.move(years * YEAR)
    const env = { HOLOTYPE_DATA_DIR: dataDir, ...GRACE }
    const first = await startRegistry(env, { clock: wrong })
    const key = first.admin.key
    await first.listen()
    const id = await leaveThingsUnderWay(first)
    await first.close()

    const logs = collectLogs('warn')
    await using second = await startRegistry({ ...env, HOLOTYPE_ADMIN_KEY: key }, { logger: logs.logger })
    await second.listen()
    expect(logs.text()).toContain(`${years * 365} days ahead of this machine's clock`)
    await expectNothingWaits(second)
    const model = (await second.admin.post('/models', { name: 'from now' })).json()
    expect(Math.abs(Date.parse(model.dtCreated) - Date.now())).toBeLessThan(60_000)
    // Newest first still means made last.
    expect((await second.admin.get('/models')).json().items.map((item: { id: string }) => item.id)).toEqual([
      model.id,
      id,
    ])
    const events = (await second.admin.get('/events?kind=model.create')).json().items
    expect(events.map((event: { modelId: string }) => event.modelId)).toEqual([model.id, id])
    await endHolds(second)
    await expect.poll(() => storedFiles(dataDir), PATIENT).toEqual([])
    const uploads = () => second.app.registry.db.read.selectFrom('uploads').select('id').execute()
    if (second.app.registry.db.isExclusive) await expect.poll(uploads, PATIENT).toEqual([])
  },
)

test('a key made after the clock was put right expires in its time, and one used meanwhile shows its use again', async () => {
  const clock = movableClock()
  await using registry = await startRegistry({}, { clock })
  clock.move(13 * YEAR)
  const { id, key } = (await registry.admin.post('/api-keys', { name: 'k', role: 'reader' })).json()
  const lastUsed = async () =>
    (await registry.admin.get('/api-keys')).json().items.find((item: { id: string }) => item.id === id).dtLastUsed
  expect((await registry.as(key).get('/models')).statusCode).toBe(200)
  await expect.poll(lastUsed, PATIENT).toMatch(/^20[34]/)
  clock.move(-13 * YEAR)
  await registry.as(key).get('/models')
  await expect.poll(async () => Math.abs(Date.parse(await lastUsed()) - Date.now()), PATIENT).toBeLessThan(120_000)
  const soon = new Date(clock.now() + 60_000).toISOString()
  const brief = (await registry.admin.post('/api-keys', { name: 'k', role: 'reader', dtExpires: soon })).json()
  expect((await registry.as(brief.key).get('/models')).statusCode).toBe(200)
  clock.move(61_000)
  expect((await registry.as(brief.key).get('/models')).statusCode).toBe(401)
})

test('a clock that is set back while the server runs is noticed, and what waits is put right', async () => {
  const clock = movableClock()
  await using registry = await startRegistry(GRACE, { clock })
  await registry.listen()
  clock.move(13 * YEAR)
  await registry.app.worker.beat()
  await leaveThingsUnderWay(registry)
  clock.move(-13 * YEAR)
  await registry.app.worker.beat()
  await expectNothingWaits(registry)
  await endHolds(registry)
  await expect.poll(() => storedFiles(registry.dataDir), PATIENT).toEqual([])
})

test('a wait that was asked for is kept where no clock was wrong', async () => {
  const env = { HOLOTYPE_DATA_DIR: dataDir, HOLOTYPE_RECLAIM_GRACE_SECONDS: '31536000' }
  const first = await startRegistry(env)
  const { id } = await keepModel(first.writer)
  await first.writer.delete(`/models/${id}`)
  await finishJobs(first.app)
  const key = first.admin.key
  await first.close()
  const logs = collectLogs('warn')
  await using second = await startRegistry({ ...env, HOLOTYPE_ADMIN_KEY: key }, { logger: logs.logger })
  await second.listen()
  const [job] = (await waitingJobs(second.app)).filter(({ kind }) => kind === 'reclaim-blobs')
  expect(job?.run_at).toBeGreaterThan(Date.now() + 364 * 24 * 60 * 60_000)
  expect(await storedFiles(dataDir)).toHaveLength(1)
  expect(logs.text()).not.toContain('ahead')
})
