import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import type { Overrides } from '../../src/app.ts'
import { type BlobStore, StoreFullError } from '../../src/blobs/blob-store.ts'
import { type LocalDisk, realDisk } from '../../src/blobs/local/local-disk.ts'
import { LocalStore } from '../../src/blobs/local/local-store.ts'
import { storedIds } from '../jobs/support.ts'
import { finishJobs } from '../support/jobs.ts'
import { type Caller, startRegistry } from '../support/registry.ts'

const noSpace = () => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
const ioError = () => Object.assign(new Error('input/output error'), { code: 'EIO' })

test('a full store is answered with 507 and a sentence, and nothing becomes visible (R03)', async () => {
  let isFull = true
  await using registry = await startRegistry(
    {},
    { openStore: async dir => fillable(await LocalStore.open(dir), () => isFull) },
  )
  const { app, writer } = registry
  const file = await draftFile(writer)
  const refused = await writer.put(file, 'bytes')
  expect(refused.statusCode).toBe(507)
  expect(refused.json()).toEqual({
    code: 'INTERNAL_SERVER_ERROR',
    message: 'there is no room left for the bytes; nothing was kept',
  })
  await expectNothingKept(registry, file)
  isFull = false
  expect((await writer.put(file, 'bytes')).statusCode).toBe(200)
  expect((await app.server.inject('/readyz')).statusCode).toBe(200)
})

test.for(['write', 'link'] as const)(
  'a disk that is full at the %s keeps nothing of the upload (R03)',
  async (at, { expect }) => {
    let isFull = false
    const disk = {
      write: (...args: Parameters<typeof realDisk.write>) =>
        isFull && at === 'write' ? Promise.reject(noSpace()) : realDisk.write(...args),
      link: (...args: Parameters<typeof realDisk.link>) =>
        isFull && at === 'link' ? Promise.reject(noSpace()) : realDisk.link(...args),
    }
    await using registry = await startRegistry({}, { openStore: dir => LocalStore.open(dir, { disk }) })
    const { writer } = registry
    const file = await draftFile(writer)
    isFull = true
    expect((await writer.put(file, 'bytes')).statusCode).toBe(507)
    await expectNothingKept(registry, file)
    isFull = false
    expect((await writer.put(file, 'bytes')).statusCode).toBe(200)
  },
)

test('an fsync that fails once is never believed again: not ready, alive, and reading goes on (R04)', async () => {
  let isBroken = false
  let failures = 0
  const sync = async () => {
    if (isBroken) failures += 1
    if (failures === 1) throw ioError()
  }
  const openStore: Overrides['openStore'] = async dir => LocalStore.open(dir, { disk: { sync } })
  await using registry = await startRegistry({}, { openStore })
  const { app, writer } = registry
  const file = await draftFile(writer)
  expect((await app.server.inject('/readyz')).statusCode).toBe(200)
  isBroken = true
  const refused = await writer.put(file, 'bytes')
  expect(refused.statusCode).toBe(500)
  expect(refused.json().message).toBe('something went wrong on the server; its log has the details')
  expect((await app.server.inject('/readyz')).statusCode).toBe(503)
  expect((await app.server.inject('/livez')).statusCode).toBe(200)
  // The next sync would succeed, and isn't asked.
  expect((await writer.put(file, 'bytes')).statusCode).toBeGreaterThanOrEqual(500)
  expect(failures).toBe(1)
  await expectNothingKept(registry, file)
  expect((await app.server.inject('/readyz')).statusCode).toBe(503)
})

test.for(['openDirectory', 'write', 'link'] as const)(
  'want of descriptors or memory at the %s is answered with 503, and passes without a restart (B4)',
  async (at, { expect }) => {
    let isShort = false
    const shortage = () => Promise.reject(Object.assign(new Error('too many open files'), { code: 'EMFILE' }))
    const disk: Partial<LocalDisk> = {
      [at]: (...args: unknown[]) =>
        isShort ? shortage() : (realDisk[at] as (...args: unknown[]) => Promise<unknown>)(...args),
    }
    await using registry = await startRegistry({}, { openStore: dir => LocalStore.open(dir, { disk }) })
    const { app, writer } = registry
    const file = await draftFile(writer)
    isShort = true
    const refused = await writer.put(file, 'bytes')
    expect(refused.statusCode).toBe(503)
    expect(refused.headers).toHaveProperty('retry-after')
    expect(refused.json().message).toBe(
      'the stored bytes are out of reach for the moment; nothing was changed, try again',
    )
    isShort = false
    await expectNothingKept(registry, file)
    expect((await app.server.inject('/readyz')).statusCode).toBe(200)
    expect((await writer.put(file, 'bytes')).statusCode).toBe(200)
    expect((await writer.get(file)).body).toBe('bytes')
  },
)

async function draftFile(writer: Caller): Promise<string> {
  const { id } = (await writer.post('/models', { name: 'a model' })).json()
  await writer.post(`/models/${id}/versions`)
  return `/models/${id}/versions/1/files/a.bin`
}

async function expectNothingKept({ app, writer }: Awaited<ReturnType<typeof startRegistry>>, file: string) {
  const version = file.slice(0, file.indexOf('/files/'))
  expect((await writer.get(file)).statusCode).toBe(404)
  expect((await writer.get(`${version}/files`)).json().items).toEqual([])
  expect((await writer.get(version)).json()).toMatchObject({ fileCount: 0, usageBytes: '0' })
  await finishJobs(app)
  expect(await storedIds(app)).toEqual([])
}

/** A store that takes no byte while it is full. */
function fillable(store: LocalStore, isFull: () => boolean): BlobStore {
  const create = store.create.bind(store)
  store.create = async id => {
    const writer = await create(id)
    if (!isFull()) return writer
    const writable = new Writable({ write: (_chunk, _encoding, done) => done(new StoreFullError('full')) })
    return { ...writer, writable }
  }
  return store
}
