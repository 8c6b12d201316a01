import { PassThrough, Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { BlobStore } from '../../src/blobs/blob-store.ts'
import { ingest } from '../../src/blobs/ingest.ts'
import { newId } from '../../src/domain/ids.ts'
import { sweepOrphans } from '../../src/registry/blobs/sweep-orphans.ts'
import { movableClock } from '../support/clock.ts'
import { heldStore } from '../support/faults.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'
import { storedIds, temporaryDataDir } from './support.ts'

const PATIENT = { timeout: 20_000, interval: 5 }

test('bytes without a row are removed, all others stay', async () => {
  await using registry = await startRegistry()
  const { app, writer } = registry
  await keepModel(writer, { 'a.bin': 'a', 'b.bin': 'b' })
  const kept = await storedIds(app)
  await publishWithoutRow(registry)
  await publishWithoutRow(registry)
  expect(await sweepOrphans(app.registry)).toBe(2)
  expect(await storedIds(app)).toEqual(kept)
  expect(await sweepOrphans(app.registry)).toBe(0)
})

test('bytes that an upload is bringing stay, whatever the clock says (R30)', async () => {
  const clock = movableClock()
  const store = heldStore()
  await using registry = await startRegistry({}, { openStore: store.openStore, clock })
  const { app, writer } = registry
  const { id } = (await writer.post('/models', { name: 'a model' })).json()
  await writer.post(`/models/${id}/versions`)
  const upload = writer.put(`/models/${id}/versions/1/files/a.bin`, 'bytes')
  await store.isPublished
  const published = await storedIds(app)
  expect(published).toHaveLength(1)
  clock.move(3_600_000)
  expect(await sweepOrphans(app.registry)).toBe(0)
  store.release()
  expect((await upload).statusCode).toBe(200)
  expect(await storedIds(app)).toEqual(published)
  expect((await writer.get(`/models/${id}/versions/1/files/a.bin`)).body).toBe('bytes')
})

test('sweeps during uploads take nothing that an upload was answered for', async () => {
  await using registry = await startRegistry()
  const { app, writer } = registry
  const { id } = (await writer.post('/models', { name: 'a model' })).json()
  await writer.post(`/models/${id}/versions`)
  let isUploading = true
  const sweeping = (async () => {
    while (isUploading) await sweepOrphans(app.registry)
  })()
  const names = Array.from({ length: 60 }, (_, index) => `${index}.bin`)
  await Promise.all(names.map(name => writer.put(`/models/${id}/versions/1/files/${name}`, name)))
  isUploading = false
  await sweeping
  for (const name of names) {
    expect((await writer.get(`/models/${id}/versions/1/files/${name}`)).body).toBe(name)
  }
})

test('bytes whose file was deleted and whose grace time runs have a row and stay', async () => {
  await using registry = await startRegistry()
  const { app, writer } = registry
  const { id } = (await writer.post('/models', { name: 'a model' })).json()
  await writer.post(`/models/${id}/versions`)
  await writer.put(`/models/${id}/versions/1/files/a.bin`, 'a')
  await writer.delete(`/models/${id}/versions/1/files/a.bin`)
  expect(await sweepOrphans(app.registry)).toBe(0)
  expect(await storedIds(app)).toHaveLength(1)
})

test('a server that starts on what a killed one left removes the orphans', async () => {
  await using temporary = await temporaryDataDir()
  const env = { HOLOTYPE_DATA_DIR: temporary.dataDir }
  const first = await startRegistry(env)
  const { id } = await keepModel(first.writer)
  await publishWithoutRow(first)
  expect(await storedIds(first.app)).toHaveLength(2)
  await first.close()
  await using second = await startRegistry({ ...env, HOLOTYPE_ADMIN_KEY: first.admin.key })
  await second.listen()
  await expect.poll(() => storedIds(second.app), PATIENT).toHaveLength(1)
  expect((await second.admin.get(`/models/${id}/versions/1/files/weights.bin`)).body).toBe('weights')
})

test('bytes that a killed process left half-written are removed, and what is arriving stays', async () => {
  await using registry = await startRegistry()
  const { app, writer } = registry
  const { id } = (await writer.post('/models', { name: 'a model' })).json()
  await writer.post(`/models/${id}/versions`)
  const url = `${await registry.listen()}/models/${id}/versions/1/files/a.bin`
  const arriving = new PassThrough()
  arriving.write('first half, ')
  const headers = { authorization: `Bearer ${writer.key}` }
  const answer = fetch(url, {
    method: 'PUT',
    headers,
    body: Readable.toWeb(arriving) as ReadableStream,
    duplex: 'half',
  })
  await expect.poll(() => stagedIds(app), PATIENT).toHaveLength(1)
  await (await onlyStore(app)).create(newId('blob'))
  expect(await stagedIds(app)).toHaveLength(2)
  expect(await sweepOrphans(app.registry)).toBe(1)
  expect(await stagedIds(app)).toHaveLength(1)
  arriving.end('second half')
  expect((await answer).status).toBe(200)
  expect((await writer.get(`/models/${id}/versions/1/files/a.bin`)).body).toBe('first half, second half')
})

async function onlyStore(app: TestRegistry['app']): Promise<BlobStore> {
  const [store] = await app.registry.stores.all()
  expect.assert(store)
  return store
}

async function stagedIds(app: TestRegistry['app']): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of (await onlyStore(app)).listStaged()) ids.push(id)
  return ids
}

/** What a process leaves that is killed between publishing bytes and writing their row. */
async function publishWithoutRow({ app }: TestRegistry): Promise<string> {
  const store = await onlyStore(app)
  const id = newId('blob')
  const blob = await ingest(store, id, Readable.from([Buffer.from('orphan')]), { maxBytes: 100 })
  await blob.publish()
  return id
}
