/** Uploads in parts: any order, at the same time, resumed, sent again, and proven as a whole before anyone can see the file. */
import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { type ClientRequest, request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { movableClock } from '../support/clock.ts'
import { finishJobs } from '../support/jobs.ts'
import { makeKey } from '../support/people.ts'
import { type Caller, startRegistry, type TestRegistry } from '../support/registry.ts'
import { storedFiles } from '../support/stored-files.ts'

const clock = movableClock()
let r: TestRegistry
let origin: string
beforeAll(async () => {
  r = await startRegistry({ HOLOTYPE_RECLAIM_GRACE_SECONDS: '0', HOLOTYPE_MIN_PART_BYTES: String(PART) }, { clock })
  origin = await r.listen()
})
afterAll(() => r.close())

const PART = 5 * 2 ** 20
/** Two whole parts and a small one. */
const BYTES = randomBytes(2 * PART + 1000)
const SHA256 = sha256Of(BYTES)

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function makeDraft(): Promise<string> {
  const { id } = (await r.writer.post('/models', { name: `parted ${Math.random()}` })).json()
  await r.writer.post(`/models/${id}/versions`)
  return `/models/${id}/versions/1`
}

interface Begun {
  draft: string
  /** Below `/v1`. */
  url: string
}

async function begin(fields: Record<string, unknown> = {}, caller: Caller = r.writer): Promise<Begun> {
  const draft = await makeDraft()
  const answer = await caller.post(`${draft}/uploads`, { path: 'weights.bin', size: BYTES.length, ...fields })
  expect(answer.statusCode, answer.body).toBe(200)
  return { draft, url: `${draft}/uploads/${answer.json().id}` }
}

function bytesOf(number: number, bytes = BYTES): Buffer {
  return bytes.subarray((number - 1) * PART, number * PART)
}

/** The path of a part's signed URL, below `/v1`. */
async function offer(url: string, number: number, fields: Record<string, unknown> = {}): Promise<string> {
  const answer = await r.writer.post(`${url}/parts`, { numbers: [number], ...fields })
  expect(answer.statusCode, answer.body).toBe(200)
  const [item] = answer.json().items
  expect(item).toMatchObject({ number, method: 'PUT', headers: {} })
  return pathOf(item.url)
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url, 'http://localhost')
  return pathname.replace(/^\/v1/, '') + search
}

async function sendPart(url: string, number: number, bytes = bytesOf(number)) {
  return await r.nobody.put(await offer(url, number), bytes)
}

async function sendAll(url: string, numbers = [1, 2, 3]): Promise<void> {
  for (const number of numbers) expect((await sendPart(url, number)).statusCode).toBe(200)
}

/** Completes the upload, and answers how it ended. */
async function complete(url: string) {
  const answer = await r.writer.post(`${url}/complete`)
  expect(answer.statusCode, answer.body).toBe(200)
  await finishJobs(r.app)
  return (await r.writer.get(url)).json()
}

/** Sends the head of a request and half of a part, over a real connection. */
async function startSending(path: string): Promise<ClientRequest> {
  const sending = request(`${origin}${path}`, { method: 'PUT', headers: { 'content-length': PART } })
  sending.on('error', () => {})
  await new Promise<void>(resolve => sending.write(randomBytes(PART / 2), () => resolve()))
  return sending
}

async function receivedParts(url: string): Promise<number[]> {
  const { items } = (await r.writer.get(`${url}/parts`)).json()
  return items.flatMap((part: { isReceived: boolean; number: number }) => (part.isReceived ? [part.number] : []))
}

/** How many files of the store are of an upload, published or not. */
async function kept(url: string): Promise<number> {
  await finishJobs(r.app)
  const uploads = r.app.registry.db.read.selectFrom('uploads').where('id', '=', String(url.split('/').at(-1)))
  const { blob_id } = await uploads.select('blob_id').executeTakeFirstOrThrow()
  const names = [...(await storedFiles(r.dataDir)), ...(await readdir(join(r.dataDir, 'tmp')))]
  return names.filter(name => name.includes(blob_id)).length
}

describe('a file in parts', () => {
  test('sent in any order and at the same time, is a file of the draft once it is complete', async () => {
    const { draft, url } = await begin({ sha256: SHA256, contentType: 'application/x-weights' })
    expect((await r.writer.get(url)).json()).toMatchObject({
      path: 'weights.bin',
      size: BYTES.length,
      partSize: PART,
      partCount: 3,
      receivedBytes: 0,
      state: 'open',
      problem: null,
    })
    const answers = await Promise.all([3, 1, 2].map(number => sendPart(url, number)))
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200])
    expect(answers[1]?.json()).toEqual({ isReceived: true, number: 1, sha256: sha256Of(bytesOf(1)), size: PART })
    expect(answers[1]?.headers['etag']).toBe(`"${sha256Of(bytesOf(1))}"`)
    expect((await r.writer.get(url)).json()).toMatchObject({ receivedBytes: BYTES.length, state: 'open' })
    expect((await r.writer.get(`${draft}/files`)).json().items).toEqual([])
    expect(await complete(url)).toMatchObject({ state: 'complete', sha256: SHA256 })
    expect((await r.writer.get(`${draft}/files`)).json().items).toMatchObject([
      { path: 'weights.bin', size: BYTES.length, sha256: SHA256, contentType: 'application/x-weights' },
    ])
    const { rawPayload } = await r.reader.get(`${draft}/files/weights.bin`)
    expect(sha256Of(rawPayload)).toBe(SHA256)
    const [event] = (await r.reader.get(`/events?kind=file.put`)).json().items
    expect(event).toMatchObject({ kind: 'file.put', details: { path: 'weights.bin', sha256: SHA256 } })
  })

  test('needs no sha256 to be declared: it is found', async () => {
    const { url } = await begin()
    await sendAll(url)
    expect(await complete(url)).toMatchObject({ state: 'complete', sha256: SHA256 })
  })

  test('without a byte is one empty part', async () => {
    const { draft, url } = await begin({ size: 0 })
    expect((await sendPart(url, 1, Buffer.alloc(0))).statusCode).toBe(200)
    expect(await complete(url)).toMatchObject({ state: 'complete', partCount: 1 })
    expect((await r.reader.get(`${draft}/files/weights.bin`)).rawPayload).toHaveLength(0)
  })

  test('takes the place of a file at its path', async () => {
    const { draft, url } = await begin()
    await r.writer.put(`${draft}/files/weights.bin`, 'before')
    await sendAll(url)
    await complete(url)
    expect((await r.writer.get(draft)).json()).toMatchObject({ fileCount: 1, usageBytes: String(BYTES.length) })
  })

  test('whose bytes the team has already, is stored once', async () => {
    const { draft, url } = await begin({ path: 'copy.bin' })
    await r.writer.put(`${draft}/files/single.bin`, BYTES)
    await sendAll(url)
    expect(await kept(url)).toBe(1)
    expect(await complete(url)).toMatchObject({ state: 'complete', sha256: SHA256 })
    expect(await kept(url)).toBe(0)
    expect(sha256Of((await r.reader.get(`${draft}/files/copy.bin`)).rawPayload)).toBe(SHA256)
  })
})

describe('an upload that is interrupted', () => {
  test('goes on with the parts that are missing', async () => {
    const { draft, url } = await begin({ sha256: SHA256 })
    await sendAll(url, [2])
    expect((await r.writer.get(`${draft}/uploads`)).json().items).toMatchObject([
      { state: 'open', receivedBytes: PART },
    ])
    expect(await receivedParts(url)).toEqual([2])
    const early = await r.writer.post(`${url}/complete`)
    expect([early.statusCode, early.json().message]).toEqual([
      409,
      'parts have not been received: 1, 3; send them, then complete the upload again',
    ])
    await sendAll(url, [1, 3])
    expect(await complete(url)).toMatchObject({ state: 'complete' })
    expect((await r.writer.get(`${draft}/uploads`)).json().items).toEqual([])
  })

  test('keeps nothing of a part that broke off', async () => {
    const { url } = await begin()
    await sendAll(url, [1])
    const sending = await startSending(await offer(url, 1))
    await expect.poll(() => receivedParts(url)).toEqual([])
    sending.destroy()
    await expect.poll(() => r.app.registry.arrivingParts.size).toBe(0)
    expect((await r.writer.get(url)).json()).toMatchObject({ receivedBytes: 0 })
    await sendAll(url)
    expect(await complete(url)).toMatchObject({ state: 'complete', sha256: SHA256 })
  })

  test('takes a part again: the last sending counts', async () => {
    const { url } = await begin({ sha256: SHA256 })
    expect((await sendPart(url, 1, randomBytes(PART))).statusCode).toBe(200)
    await sendAll(url)
    await sendAll(url, [1])
    expect((await r.writer.get(url)).json()).toMatchObject({ receivedBytes: BYTES.length })
    expect(await complete(url)).toMatchObject({ state: 'complete' })
  })

  test('lets a later sending of a part end an earlier one', async () => {
    const { url } = await begin({ sha256: SHA256 })
    const earlier = await startSending(await offer(url, 2))
    await expect.poll(() => r.app.registry.arrivingParts.size).toBe(1)
    await sendAll(url)
    expect(await complete(url)).toMatchObject({ state: 'complete' })
    earlier.destroy()
  })

  test('is given up after a day without a part, and its bytes go', async () => {
    const { url } = await begin()
    await sendAll(url, [1])
    expect(await kept(url)).toBe(1)
    clock.move(23 * 3_600_000)
    await offer(url, 2)
    clock.move(23 * 3_600_000)
    await finishJobs(r.app)
    expect((await r.writer.get(url)).json()).toMatchObject({ state: 'open' })
    clock.move(2 * 3_600_000)
    await finishJobs(r.app)
    expect((await r.writer.get(url)).json()).toMatchObject({
      state: 'failed',
      problem: 'no part of the upload arrived in time; nothing was kept, begin it again',
    })
    expect(await kept(url)).toBe(0)
    clock.move(25 * 3_600_000)
    await finishJobs(r.app)
    expect((await r.writer.get(url)).statusCode).toBe(404)
    const parts = await r.app.registry.db.read.selectFrom('upload_parts').selectAll().execute()
    const uploads = await r.app.registry.db.read.selectFrom('uploads').select('id').execute()
    expect(parts.filter(part => !uploads.some(({ id }) => id === part.upload_id))).toEqual([])
  })

  test('is given up when somebody deletes it', async () => {
    const { url } = await begin()
    await sendAll(url, [1])
    const path = await offer(url, 2)
    for (let time = 0; time < 2; time++) {
      expect((await r.writer.delete(url)).json()).toMatchObject({ state: 'failed', problem: 'it was given up' })
    }
    expect((await r.nobody.put(path, bytesOf(2))).statusCode).toBe(409)
    expect((await r.writer.post(`${url}/parts`, { numbers: [1] })).statusCode).toBe(409)
    expect((await r.writer.post(`${url}/complete`)).statusCode).toBe(409)
    expect(await kept(url)).toBe(0)
  })

  test('is given up with its version', async () => {
    const { draft, url } = await begin()
    await sendAll(url, [1])
    await r.writer.delete(draft)
    clock.move(60_000)
    expect(await kept(url)).toBe(0)
  })
})

describe('nothing wrong comes in', () => {
  test('a declared sha256 that the bytes do not have', async () => {
    const { draft, url } = await begin({ sha256: 'a'.repeat(64) })
    await sendAll(url)
    expect(await complete(url)).toMatchObject({
      state: 'failed',
      problem: `the bytes received have the sha256 ${SHA256}, not ${'a'.repeat(64)} as declared; nothing was kept`,
    })
    expect((await r.writer.get(`${draft}/files`)).json().items).toEqual([])
    expect(await kept(url)).toBe(0)
    expect((await r.writer.post(`${url}/complete`)).statusCode).toBe(409)
  })

  test.each([
    ['fewer bytes', bytesOf(1).subarray(1), 'of part 1 must be 5242880 bytes, not 5242879'],
    ['more bytes', BYTES, `of part 1 must be 5242880 bytes, not ${BYTES.length}`],
  ])('a part of %s', async (_, bytes, message) => {
    const { url } = await begin()
    const answer = await sendPart(url, 1, bytes)
    expect([answer.statusCode, answer.json().message]).toEqual([400, expect.stringContaining(message)])
    expect(await receivedParts(url)).toEqual([])
  })

  test('a part of other bytes than its URL was signed for', async () => {
    const { url } = await begin()
    const path = await offer(url, 1, { sha256s: [sha256Of(bytesOf(1))] })
    expect((await r.nobody.put(path, randomBytes(PART))).statusCode).toBe(400)
    expect(await receivedParts(url)).toEqual([])
    expect((await r.nobody.put(path, bytesOf(1))).statusCode).toBe(200)
    expect((await r.nobody.put(path, bytesOf(1), { 'x-sha256': 'b'.repeat(64) })).statusCode).toBe(400)
    expect(await receivedParts(url)).toEqual([1])
  })

  test('a URL that was changed, or is too old', async () => {
    const { url } = await begin()
    const good = await offer(url, 3)
    const changes = [
      good.replace('/parts/3', '/parts/2'),
      good.replace(/expires=\d/, 'expires=9'),
      good.replace(/signature=../, 'signature=xx'),
      `${good}&sha256=${'a'.repeat(64)}`,
    ]
    for (const path of changes) {
      expect(path).not.toBe(good)
      const answer = await r.nobody.put(path, bytesOf(3))
      expect([answer.statusCode, answer.json().message]).toEqual([
        403,
        expect.stringContaining('ask for the parts again'),
      ])
    }
    clock.move(61 * 60_000)
    expect((await r.nobody.put(good, bytesOf(3))).statusCode).toBe(403)
    expect(await receivedParts(url)).toEqual([])
  })

  test.each([
    [{ path: '../x' }, 'path'],
    [{ size: -1 }, 'size'],
    [{ size: 1.5 }, 'size'],
    [{ sha256: 'xyz' }, 'sha256'],
  ])('an upload of %j', async (fields, field) => {
    const answer = await r.writer.post(`${await makeDraft()}/uploads`, { path: 'p', size: 1, ...fields })
    expect([answer.statusCode, answer.json().message]).toEqual([400, expect.stringContaining(field)])
  })

  test.each([
    { numbers: [0] },
    { numbers: [4] },
    { numbers: [1, 1] },
    { numbers: [] },
    { numbers: Array.from({ length: 101 }, (_, index) => index + 1) },
    { numbers: [1], sha256s: [] },
    { numbers: [1], sha256s: ['x'] },
  ])('parts such as %j', async wanted => {
    const { url } = await begin()
    expect((await r.writer.post(`${url}/parts`, wanted)).statusCode).toBe(400)
  })

  test('a file that would be larger than the limit', async () => {
    const answer = await r.writer.post(`${await makeDraft()}/uploads`, { path: 'p', size: 6 * 2 ** 40 })
    expect(answer.statusCode).toBe(413)
  })
})

describe('a version', () => {
  test('is not committed while an upload into it is not complete', async () => {
    const { draft, url } = await begin()
    const refused = await r.writer.put(draft, { isCommitted: true })
    expect([refused.statusCode, refused.json().message]).toEqual([
      409,
      `version 1 has uploads that are not complete: ${url.split('/').at(-1)} ("weights.bin"); complete or delete them, then commit`,
    ])
    await sendAll(url)
    await complete(url)
    expect((await r.writer.put(draft, { isCommitted: true })).json()).toMatchObject({ isCommitted: true, fileCount: 1 })
    expect((await r.writer.post(`${draft}/uploads`, { path: 'late', size: 1 })).statusCode).toBe(409)
    expect(await complete(url)).toMatchObject({ state: 'complete' })
  })
})

describe('who may', () => {
  test('a reader and a stranger may not', async () => {
    const { draft, url } = await begin()
    for (const [caller, status] of [
      [r.reader, 403],
      [r.stranger, 404],
    ] as const) {
      expect((await caller.post(`${draft}/uploads`, { path: 'p', size: 1 })).statusCode).toBe(status)
      expect((await caller.get(url)).statusCode).toBe(status)
      expect((await caller.post(`${url}/parts`, { numbers: [1] })).statusCode).toBe(status)
      expect((await caller.post(`${url}/complete`)).statusCode).toBe(status)
      expect((await caller.delete(url)).statusCode).toBe(status)
    }
    const elsewhere = await makeDraft()
    expect((await r.writer.get(`${elsewhere}/uploads/${url.split('/').at(-1)}`)).statusCode).toBe(404)
  })

  test('a key that is revoked can send no more parts, and what it began comes to nothing', async () => {
    const { id, key } = await makeKey(r, 'writer')
    const { draft, url } = await begin({}, r.as(key))
    const path = await offer(url, 1)
    await sendAll(url)
    await r.writer.post(`${url}/complete`)
    const second = await begin({}, r.as(key))
    const late = await offer(second.url, 2)
    await finishJobs(r.app)
    expect((await r.writer.get(url)).json()).toMatchObject({ state: 'complete' })
    expect((await r.admin.delete(`/api-keys/${id}`)).statusCode).toBe(200)
    expect((await r.nobody.put(late, bytesOf(2))).statusCode).toBe(401)
    expect((await r.nobody.put(path, bytesOf(1))).statusCode).toBe(409)
    expect((await r.reader.get(`${draft}/files`)).json().items).toHaveLength(1)
  })
})

test('a repeated request to begin, with its Idempotency-Key, has one effect', async () => {
  const draft = await makeDraft()
  const send = () =>
    r.writer.post(
      `${draft}/uploads`,
      { path: 'once', size: BYTES.length },
      { 'idempotency-key': 'begin-once-0123456789' },
    )
  const answers = await Promise.all([send(), send()])
  answers.push(await send())
  const ids = new Set(answers.map(answer => answer.json().id))
  expect(ids.size).toBe(1)
  expect((await r.writer.get(`${draft}/uploads`)).json().items).toHaveLength(1)
  const url = `${draft}/uploads/${[...ids][0]}`
  await sendAll(url)
  expect(await complete(url)).toMatchObject({ state: 'complete', sha256: SHA256 })
})
