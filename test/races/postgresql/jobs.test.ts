/** Two workers on one queue, and what a killed process leaves to the others. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LocalStore } from '../../../src/blobs/local/local-store.ts'
import { newId } from '../../../src/domain/ids.ts'
import { queueJob, takeJob } from '../../../src/registry/jobs/queue.ts'
import { serve } from '../../lifecycle/server-process.ts'
import { startUpload } from '../../lifecycle/slow-upload.ts'
import { ROUNDS, startTwo } from '../../support/two-registries.ts'

test('each job runs once, whichever of two workers takes it', async () => {
  const deleted = new Map<string, number>()
  const openStore = async (dir: string) => {
    const store = await LocalStore.open(dir)
    const remove = store.delete.bind(store)
    store.delete = async id => {
      deleted.set(id, (deleted.get(id) ?? 0) + 1)
      await remove(id)
    }
    return store
  }
  await using two = await startTwo({}, { openStore })
  const { registry } = two.left.app
  const provider = await registry.db.read.selectFrom('storage_providers').select('id').executeTakeFirstOrThrow()
  const ids = Array.from({ length: 3 * ROUNDS }, () => newId('blob'))
  for (const id of ids) {
    await queueJob(registry, {
      kind: 'delete-bytes',
      key: id,
      payload: { storageProviderId: provider.id, blobIds: [id] },
    })
  }
  await two.finishJobs()
  expect([...deleted].toSorted()).toEqual(ids.toSorted().map(id => [id, 1]))
})

test('a job whose worker was killed is taken over when its lease ends, and not before', async () => {
  let ahead = 0
  await using two = await startTwo({}, { clock: { now: () => Date.now() + ahead } })
  const { left, right } = two
  const { id } = (await left.admin.post('/models', { name: 'm' })).json()
  await left.app.worker.stop()
  await left.admin.delete(`/models/${id}`)
  // Taken, and never given back.
  expect(await takeJob(left.app.registry, 'reclaim-model')).toMatchObject({ attempts: 1 })
  expect(await takeJob(right.app.registry, 'reclaim-model')).toBeUndefined()
  ahead = 61_000
  await right.app.worker.processDue()
  const { read } = right.app.registry.db
  expect(await read.selectFrom('jobs').select('kind').where('kind', '=', 'reclaim-model').execute()).toEqual([])
  expect(await read.selectFrom('models').select('id').where('id', '=', id).execute()).toEqual([])
})

test('an upload whose process was killed is cleared away by another one when its time is over, and not before', async () => {
  let ahead = 0
  await using two = await startTwo({}, { clock: { now: () => Date.now() + ahead } })
  const { admin, app } = two.right
  const { id } = (await admin.post('/models', { name: 'm' })).json()
  await admin.post(`/models/${id}/versions`)
  await using killed = await serve(two.dataDir, { HOLOTYPE_LOG_LEVEL: 'silent' })
  const file = `${killed.url}/v1/models/${id}/versions/1/files/f`
  const upload = await startUpload(file, admin.key, 'half')
  upload.finished.catch(() => {})
  const staged = () => readdir(join(two.dataDir, 'tmp'))
  await expect.poll(staged, { timeout: 20_000 }).toHaveLength(1)
  await killed.end('SIGKILL')

  const clearAway = async () => {
    await queueJob(app.registry, { kind: 'expire-uploads', key: 'all', payload: {} })
    await queueJob(app.registry, { kind: 'sweep-orphans', key: 'all', payload: {} })
    await two.finishJobs()
  }
  await clearAway()
  expect(await staged()).toHaveLength(1)
  ahead = 16 * 60_000
  await clearAway()
  expect(await staged()).toEqual([])
  expect(await app.registry.db.read.selectFrom('uploads').select('id').execute()).toEqual([])
})
