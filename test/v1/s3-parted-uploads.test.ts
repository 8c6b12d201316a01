/** Uploads in parts whose bytes go from the client to the store directly, past the registry, on a real S3 server. */
import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { makeBucket } from '../blobs/s3-stores.ts'
import { finishJobs } from '../support/jobs.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { S3_ENVIRONMENT } from '../support/s3-registry.ts'
import { NO_VERSITYGW, VERSITYGW_CREDENTIALS } from '../support/versitygw.ts'

const endpoint = inject('versitygw')
const PART = 5 * 2 ** 20
const BYTES = randomBytes(2 * PART + 1000)
const SHA256 = sha256Of(BYTES)

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function bytesOf(number: number): Buffer {
  return BYTES.subarray((number - 1) * PART, number * PART)
}

interface Offer {
  number: number
  size: number
  method: string
  url: string
  headers: Record<string, string>
}

describe.skipIf(endpoint === undefined)(`with S3${endpoint === undefined ? `: ${NO_VERSITYGW}` : ''}`, () => {
  let r: TestRegistry
  let storageProviderId: string
  beforeAll(async () => {
    r = await startRegistry({ ...S3_ENVIRONMENT, HOLOTYPE_MIN_PART_BYTES: String(PART) })
    const { accessKeyId: accessKey, secretAccessKey } = VERSITYGW_CREDENTIALS
    const s3Config = {
      bucket: await makeBucket(String(endpoint)),
      accessKey,
      secretAccessKey,
      endpoint,
      pathStyle: true,
    }
    const provider = { name: 'bucket', storageProviderType: 's3', s3Config }
    const answer = await r.admin.post('/storage-providers', provider)
    expect(answer.statusCode, answer.body).toBe(200)
    storageProviderId = answer.json().id
  })
  afterAll(() => r.close())

  async function begin(fields: Record<string, unknown> = {}): Promise<{ draft: string; url: string }> {
    const { id } = (await r.writer.post('/models', { name: `s3 ${Math.random()}`, storageProviderId })).json()
    await r.writer.post(`/models/${id}/versions`)
    const draft = `/models/${id}/versions/1`
    const answer = await r.writer.post(`${draft}/uploads`, { path: 'w.bin', size: BYTES.length, ...fields })
    expect(answer.statusCode, answer.body).toBe(200)
    return { draft, url: `${draft}/uploads/${answer.json().id}` }
  }

  async function offer(url: string, numbers: number[], sha256s?: string[]): Promise<Offer[]> {
    const answer = await r.writer.post(`${url}/parts`, { numbers, sha256s })
    expect(answer.statusCode, answer.body).toBe(200)
    return answer.json().items
  }

  /** Exactly what the offer says, without a key, to wherever it says. 599 where the store breaks off instead of answering. */
  async function send({ method, url, headers }: Offer, body: Buffer): Promise<number> {
    const answer = await fetch(url, { method, headers, body: new Uint8Array(body) }).catch(() => undefined)
    return answer?.status ?? 599
  }

  async function sendAll(url: string, numbers = [1, 2, 3], withSha256 = true): Promise<void> {
    const offers = await offer(url, numbers, withSha256 ? numbers.map(number => sha256Of(bytesOf(number))) : undefined)
    for (const { url } of offers) expect(url.startsWith(String(endpoint))).toBe(true)
    const statuses = await Promise.all(offers.map(each => send(each, bytesOf(each.number))))
    expect(statuses).toEqual(numbers.map(() => 200))
  }

  async function complete(url: string) {
    const answer = await r.writer.post(`${url}/complete`)
    expect(answer.statusCode, answer.body).toBe(200)
    await finishJobs(r.app)
    return (await r.writer.get(url)).json()
  }

  test.each([true, false])(
    'the parts go straight to the store and become a file (sha256 of parts: %s)',
    async withSha256 => {
      const { draft, url } = await begin({ sha256: SHA256, path: `w-${withSha256}.bin` })
      await sendAll(url, [2], withSha256)
      const { items } = (await r.writer.get(`${url}/parts`)).json()
      expect(items.map(({ isReceived }: { isReceived: boolean }) => isReceived)).toEqual([false, true, false])
      expect((await r.writer.post(`${url}/complete`)).json().message).toContain('have not been received: 1, 3')
      await sendAll(url, [3, 1], withSha256)
      expect(await complete(url)).toMatchObject({ state: 'complete', sha256: SHA256, problem: null })
      expect(await complete(url)).toMatchObject({ state: 'complete' })
      const { rawPayload } = await r.reader.get(`${draft}/files/w-${withSha256}.bin`)
      expect(sha256Of(rawPayload)).toBe(SHA256)
      const range = await r.reader.get(`${draft}/files/w-${withSha256}.bin`, { range: `bytes=${PART - 5}-${PART + 4}` })
      expect(range.rawPayload.equals(BYTES.subarray(PART - 5, PART + 5))).toBe(true)
    },
  )

  test('a part of other bytes or another length than it was signed for is refused by the store', async () => {
    const { url } = await begin()
    const [first] = await offer(url, [1], [sha256Of(bytesOf(1))])
    if (!first) throw new Error('no offer')
    expect(await send(first, randomBytes(PART))).toBeGreaterThanOrEqual(400)
    expect(await send({ ...first, headers: {} }, bytesOf(1))).toBeGreaterThanOrEqual(400)
    expect(await send(first, BYTES)).toBeGreaterThanOrEqual(400)
    expect(await send(first, bytesOf(1))).toBe(200)
  })

  test('a part that was cut on its way, but which the store lists as whole, never becomes a file', async () => {
    const { draft, url } = await begin({ path: 'cut.bin', sha256: SHA256 })
    await sendAll(url, [1, 3])
    const [second] = await offer(url, [2])
    if (!second) throw new Error('no offer')
    await sendHalf(second, bytesOf(2))
    const { items } = (await r.writer.get(`${url}/parts`)).json()
    if (items[1].isReceived) {
      expect(await complete(url)).toMatchObject({
        state: 'failed',
        problem: expect.stringContaining('have the sha256'),
      })
    } else expect((await r.writer.post(`${url}/complete`)).statusCode).toBe(409)
    expect((await r.writer.get(`${draft}/files`)).json().items).toEqual([])
  })

  test('an upload that is given up leaves nothing at the store', async () => {
    const { url } = await begin()
    await sendAll(url, [1])
    const [second] = await offer(url, [2])
    expect((await r.writer.delete(url)).json()).toMatchObject({ state: 'failed' })
    await finishJobs(r.app)
    if (second) expect(await send(second, bytesOf(2))).toBeGreaterThanOrEqual(400)
  })

  test('the bytes of a small file that comes through the registry and of one in parts are stored once', async () => {
    const { draft, url } = await begin({ path: 'twin.bin' })
    expect((await r.writer.put(`${draft}/files/direct.bin`, BYTES)).statusCode).toBe(200)
    await sendAll(url)
    expect(await complete(url)).toMatchObject({ state: 'complete', sha256: SHA256 })
    const blobs = r.app.registry.db.read.selectFrom('blobs').select('id').where('sha256', '=', SHA256)
    expect(await blobs.where('storage_provider_id', '=', storageProviderId).execute()).toHaveLength(1)
    expect(sha256Of((await r.reader.get(`${draft}/files/twin.bin`)).rawPayload)).toBe(SHA256)
  })
})

/** Announces all bytes, sends half of them, and is gone. */
async function sendHalf({ method, url, headers }: Offer, body: Buffer): Promise<void> {
  const sending = request(url, { method, headers: { ...headers, 'content-length': body.length } })
  sending.on('error', () => {})
  await new Promise<void>(resolve => sending.write(body.subarray(0, body.length / 2), () => resolve()))
  await new Promise(resolve => setTimeout(resolve, 100))
  sending.destroy()
  await new Promise(resolve => setTimeout(resolve, 200))
}
