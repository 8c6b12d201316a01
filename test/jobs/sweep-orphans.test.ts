import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { BlobStore } from '../../src/blobs/blob-store.ts'
import { ingest } from '../../src/blobs/ingest.ts'
import { newId } from '../../src/domain/ids.ts'
import { removeUnknownBytes } from '../../src/registry/blobs/remove-unknown-bytes.ts'
import { KEEP_UNKNOWN_MS, sweepOrphans, UNASKED_MAX } from '../../src/registry/blobs/sweep-orphans.ts'
import { run } from '../lifecycle/server-process.ts'
import { movableClock } from '../support/clock.ts'
import { heldStore } from '../support/faults.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'
import { storedIds, temporaryDataDir } from './support.ts'

const PATIENT = { timeout: 20_000, interval: 5 }

test('bytes without a row stay for a week and are removed then, all others stay', async () => {
  const clock = movableClock()
  await using registry = await startRegistry({}, { clock })
  const { app, writer } = registry
  await keepModel(writer, { 'a.bin': 'a', 'b.bin': 'b' })
  const kept = await storedIds(app)
  await publishWithoutRow(registry)
  await publishWithoutRow(registry)
  const next = await sweepOrphans(app.registry)
  expect(next).toBeGreaterThan(clock.now() + KEEP_UNKNOWN_MS - 60_000)
  clock.move(KEEP_UNKNOWN_MS - 60_000)
  expect(await sweepOrphans(app.registry)).toBe(next)
  expect(await storedIds(app)).toHaveLength(kept.length + 2)
  clock.move(60_000)
  expect(await sweepOrphans(app.registry)).toBe(undefined)
  expect(await storedIds(app)).toEqual(kept)
})

test('many bytes without a row are never removed unasked, however old, and `sweep --remove` does it', async () => {
  const clock = movableClock()
  await using registry = await startRegistry({}, { clock })
  const { app, writer, dataDir } = registry
  const warnings: string[] = []
  app.registry.warn = message => void warnings.push(message)
  await keepModel(writer, { 'a.bin': 'a' })
  const kept = await storedIds(app)
  for (let index = 0; index <= UNASKED_MAX; index++) await publishWithoutRow(registry)
  await sweepOrphans(app.registry)
  clock.move(100 * KEEP_UNKNOWN_MS)
  await sweepOrphans(app.registry)
  expect(await storedIds(app)).toHaveLength(kept.length + UNASKED_MAX + 1)
  expect(warnings.at(-1)).toContain(`${UNASKED_MAX + 1} stored blobs are unknown to the database`)
  const counted = await run(['sweep', '--json', '--data-dir', dataDir])
  expect(JSON.parse(counted.stdout)).toEqual({ unknown: UNASKED_MAX + 1, removed: 0 })
  const removed = await run(['sweep', '--remove', '--json', '--data-dir', dataDir])
  expect(JSON.parse(removed.stdout)).toEqual({ unknown: UNASKED_MAX + 1, removed: UNASKED_MAX + 1 })
  expect(await storedIds(app)).toEqual(kept)
})

test('bytes that get their row back are forgotten, and those that come again have a week again', async () => {
  const clock = movableClock()
  await using registry = await startRegistry({}, { clock })
  const { app, writer } = registry
  const { id } = await keepModel(writer, { 'a.bin': 'a' })
  const { read } = app.registry.db
  const [blob] = await read.selectFrom('blobs').selectAll().execute()
  const [file] = await read.selectFrom('files').selectAll().execute()
  expect.assert(blob && file)
  // As in a database of yesterday that was put in the place of today's, and back.
  await app.registry.db.transaction(async trx => {
    await trx.deleteFrom('files').execute()
    await trx.deleteFrom('blobs').execute()
  })
  await sweepOrphans(app.registry)
  await app.registry.db.transaction(async trx => {
    await trx.insertInto('blobs').values(blob).execute()
    await trx.insertInto('files').values(file).execute()
  })
  clock.move(2 * KEEP_UNKNOWN_MS)
  expect(await sweepOrphans(app.registry)).toBe(undefined)
  expect((await writer.get(`/models/${id}/versions/1/files/a.bin`)).body).toBe('a')
})

test('a store that became the one of another registry is not looked through', async () => {
  await using registry = await startRegistry()
  await publishWithoutRow(registry)
  await writeFile(join(registry.dataDir, 'blobs', 'instance'), 'c6f4d7de-0000-4000-8000-000000000000')
  await expect(sweepOrphans(registry.app.registry)).rejects.toThrow('not those of this registry')
  expect(await storedIds(registry.app)).toHaveLength(1)
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
  expect(await sweepOrphans(app.registry)).toBe(undefined)
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
    while (isUploading) {
      await sweepOrphans(app.registry)
      // Whatever it has noted is removed at once.
      await removeUnknownBytes(app.registry, Number.MAX_SAFE_INTEGER)
    }
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
  expect(await sweepOrphans(app.registry)).toBe(undefined)
  expect(await storedIds(app)).toHaveLength(1)
})

test('a server that starts a week after it found the orphans of a killed one removes them', async () => {
  await using temporary = await temporaryDataDir()
  const env = { HOLOTYPE_DATA_DIR: temporary.dataDir }
  const first = await startRegistry(env)
  const { id } = await keepModel(first.writer)
  await publishWithoutRow(first)
  expect(await storedIds(first.app)).toHaveLength(2)
  await sweepOrphans(first.app.registry)
  await first.close()
  const clock = movableClock()
  clock.move(KEEP_UNKNOWN_MS)
  await using second = await startRegistry({ ...env, HOLOTYPE_ADMIN_KEY: first.admin.key }, { clock })
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
  await sweepOrphans(app.registry)
  expect(await stagedIds(app)).toHaveLength(1)
  arriving.end('second half')
  expect((await answer).status).toBe(200)
  expect((await writer.get(`/models/${id}/versions/1/files/a.bin`)).body).toBe('first half, second half')
})

async function onlyStore(app: TestRegistry['app']): Promise<BlobStore> {
  const [store] = app.registry.stores.shared
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
