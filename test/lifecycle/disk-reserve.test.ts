/** A disk that fills up: uploads stop before it is full, and what makes room again still works. */
import { statfs, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LocalStore } from '../../src/blobs/local/local-store.ts'
import { finishJobs } from '../support/jobs.ts'
import { type Caller, keepModel, startRegistry } from '../support/registry.ts'
import { mountSmallDisk } from '../support/small-disk.ts'

const MIB = 2 ** 20
const RESERVE = 24 * MIB
const ENV = { HOLOTYPE_RESERVE_BYTES: String(RESERVE), HOLOTYPE_RECLAIM_GRACE_SECONDS: '0' }

async function makeDraft(caller: Caller): Promise<string> {
  const { id } = (await caller.post('/models', { name: 'a model' })).json()
  await caller.post(`/models/${id}/versions`)
  return `/models/${id}/versions/1`
}

const probe = await mountSmallDisk(MIB)
await probe?.[Symbol.asyncDispose]()
if (!probe) process.stdout.write('skipped: a small disk for real, since nothing can be mounted here\n')

describe.skipIf(!probe)('on a small disk', () => {
  test('uploads end before the reserve, deletions and revocations fit, and then there is room again', async () => {
    const disk = await mountSmallDisk(96 * MIB)
    expect.assert(disk)
    await using _ = disk
    await using registry = await startRegistry({ ...ENV, HOLOTYPE_DATA_DIR: join(disk.path, 'data') })
    const { writer, admin, app } = registry
    const draft = await makeDraft(writer)
    const statuses: number[] = []
    for (let index = 0; index < 40 && statuses.at(-1) !== 507; index++) {
      const answer = await writer.put(`${draft}/files/${index}.bin`, Buffer.alloc(4 * MIB, index))
      statuses.push(answer.statusCode)
    }
    expect(statuses.length).toBeGreaterThan(5)
    expect(statuses.at(-1)).toBe(507)
    const freeBytes = async () => {
      const { bavail, bsize } = await statfs(disk.path)
      return bavail * bsize
    }
    expect(await freeBytes()).toBeGreaterThanOrEqual(RESERVE)

    // Something else takes nearly all of the rest.
    const filler = join(disk.path, 'filler')
    await writeFile(filler, Buffer.alloc((await freeBytes()) - 4 * MIB))
    expect((await writer.put(`${draft}/files/small.bin`, 'small')).statusCode).toBe(507)
    expect((await writer.post(`${draft}/uploads`, { path: 'p.bin', size: 5 })).statusCode).toBe(507)
    // The database looks at its disk once a second.
    if (app.registry.db.isExclusive) {
      await expect
        .poll(async () => (await writer.post('/models', { name: 'm' })).statusCode, { timeout: 10_000 })
        .toBe(507)
    }
    const key = (await admin.post('/api-keys', { name: 'k', role: 'reader' })).json()
    expect((await admin.delete(`/api-keys/${key.id}`)).statusCode).toBe(200)
    expect((await writer.delete(`${draft}/files/0.bin`)).statusCode).toBe(200)
    expect((await writer.delete(draft.replace('/versions/1', ''))).statusCode).toBe(200)
    await finishJobs(app)
    await truncate(filler)
    await expect
      .poll(async () => (await writer.post('/models', { name: 'm' })).statusCode, { timeout: 10_000 })
      .toBe(200)
    await keepModel(writer, { 'weights.bin': Buffer.alloc(4 * MIB) })
    expect(await freeBytes()).toBeGreaterThan(80 * MIB)
  })
})

/** A disk whose free space a test decides. */
function smallDisk(freeBytes: number) {
  const disk = {
    freeBytes,
    openStore: async (dir: string) => await LocalStore.open(dir, { disk: { measure }, reserveBytes: RESERVE }),
  }
  const measure = async () => ({ freeBytes: disk.freeBytes, totalBytes: 1000 * MIB })
  return disk
}

describe('with a disk of which little is free', () => {
  test.each([
    ['a byte more than the reserve', RESERVE + 1, 1, 200],
    ['the reserve and no byte more', RESERVE, 1, 507],
    ['less than the reserve', RESERVE - 1, 0, 507],
    ['just room for the file', RESERVE + 100, 100, 200],
    ['a byte too few for the file', RESERVE + 99, 100, 507],
  ])('%s', async (_, freeBytes, size, status) => {
    const disk = smallDisk(1000 * MIB)
    await using registry = await startRegistry({}, { openStore: disk.openStore })
    const { writer } = registry
    const draft = await makeDraft(writer)
    disk.freeBytes = freeBytes
    const headers = { 'content-length': String(size) }
    const put = await writer.call('PUT', `${draft}/files/a.bin`, Buffer.alloc(size, 'x'), headers)
    expect(put.statusCode).toBe(status)
    if (status === 507) expect(put.json().message).toBe('there is no room left for the bytes; nothing was kept')
    expect((await writer.post(`${draft}/uploads`, { path: 'b.bin', size })).statusCode).toBe(status)
    expect((await registry.reader.get(draft)).json().fileCount).toBe(status === 200 ? 1 : 0)
    expect((await writer.delete(draft)).statusCode).toBe(200)
  })

  test('a body without a length ends where the reserve begins, and parts too', async () => {
    const disk = smallDisk(1000 * MIB)
    await using registry = await startRegistry(
      { HOLOTYPE_MIN_PART_BYTES: String(16 * MIB) },
      { openStore: disk.openStore },
    )
    const url = await registry.listen()
    const draft = await makeDraft(registry.writer)
    const upload = (await registry.writer.post(`${draft}/uploads`, { path: 'parts.bin', size: 16 * MIB })).json()
    const parts = await registry.writer.post(`${draft}/uploads/${upload.id}/parts`, { numbers: [1] })
    const [part] = parts.json().items
    disk.freeBytes = RESERVE + 8 * MIB
    const headers = { authorization: `Bearer ${registry.writer.key}` }
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(MIB))
        disk.freeBytes -= MIB
      },
    })
    const answer = await fetch(`${url}${draft}/files/endless.bin`, { method: 'PUT', headers, body, duplex: 'half' })
    expect(answer.status).toBe(507)
    disk.freeBytes = RESERVE - 1
    const { pathname, search } = new URL(part.url, url)
    const sent = await fetch(`${new URL(url).origin}${pathname}${search}`, {
      method: part.method,
      headers: part.headers,
      body: Buffer.alloc(16 * MIB),
    })
    expect(sent.status).toBe(507)
    expect((await registry.writer.get(draft)).json().fileCount).toBe(0)
  })
})
