/** Two processes receive the same part at the same time: what comes out is what one sender sent, or nothing (R05). */
import { createHash, randomBytes } from 'node:crypto'
import { type ClientRequest, request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OneOfTwo, ROUNDS, race, startTwo, type TwoRegistries } from '../../support/two-registries.ts'

const PART = 5 * 2 ** 20

let two: TwoRegistries
let leftOrigin: string
beforeAll(async () => {
  two = await startTwo({ HOLOTYPE_MIN_PART_BYTES: String(PART), HOLOTYPE_DRAIN_SECONDS: '5' })
  leftOrigin = await two.left.app.server.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => two[Symbol.asyncDispose]())

const BYTES = randomBytes(PART + 100)
const SHA256 = createHash('sha256').update(BYTES).digest('hex')

async function begin(): Promise<{ draft: string; url: string }> {
  const { id } = (await two.left.admin.post('/models', { name: 'parted' })).json()
  await two.left.admin.post(`/models/${id}/versions`)
  const draft = `/models/${id}/versions/1`
  const upload = (await two.left.admin.post(`${draft}/uploads`, { path: 'w', size: BYTES.length })).json()
  return { draft, url: `${draft}/uploads/${upload.id}` }
}

async function offer(one: OneOfTwo, url: string, number: number): Promise<string> {
  const { items } = (await one.admin.post(`${url}/parts`, { numbers: [number] })).json()
  const { pathname, search } = new URL(items[0].url, 'http://localhost')
  return pathname.replace('/v1', '') + search
}

async function sendPart(one: OneOfTwo, url: string, number: number): Promise<number> {
  const bytes = BYTES.subarray((number - 1) * PART, number * PART)
  const answer = await one.app.server.inject({
    method: 'PUT',
    url: `/v1${await offer(one, url, number)}`,
    payload: bytes,
  })
  return answer.statusCode
}

async function complete(url: string) {
  expect((await two.right.admin.post(`${url}/complete`)).statusCode).toBe(200)
  await two.finishJobs()
  return (await two.right.admin.get(url)).json()
}

test('parts that go to different processes become one file', async () => {
  const { draft, url } = await begin()
  const statuses = await Promise.all([sendPart(two.left, url, 1), sendPart(two.right, url, 2)])
  expect(statuses).toEqual([200, 200])
  expect(await complete(url)).toMatchObject({ state: 'complete', sha256: SHA256, receivedBytes: BYTES.length })
  const { rawPayload } = await two.left.admin.get(`${draft}/files/w`)
  expect(rawPayload.equals(BYTES)).toBe(true)
})

test('a sending that another process has taken over never spoils the file, whenever it ends', async () => {
  const { draft, url } = await begin()
  const earlier = await startSending(await offer(two.left, url, 1))
  await expect.poll(() => two.left.app.registry.arrivingParts.size).toBe(1)
  expect([await sendPart(two.right, url, 1), await sendPart(two.right, url, 2)]).toEqual([200, 200])
  const rows = two.left.app.registry.db.read.selectFrom('uploads').select('is_contested')
  expect(await rows.where('id', '=', String(url.split('/').at(-1))).execute()).toEqual([{ is_contested: 1 }])
  // The earlier one goes on to write other bytes to the same place.
  const answer = once(earlier)
  earlier.end(randomBytes(PART / 2))
  expect(await answer).toBe(409)
  const ended = await complete(url)
  if (ended.state === 'complete') {
    const { rawPayload } = await two.right.admin.get(`${draft}/files/w`)
    expect(rawPayload.equals(BYTES)).toBe(true)
  } else {
    expect(ended).toMatchObject({ state: 'failed', problem: expect.stringContaining('not stored as it was received') })
  }
})

test('two that complete an upload at once have one effect', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { draft, url } = await begin()
    await Promise.all([sendPart(two.left, url, 1), sendPart(two.left, url, 2)])
    const { statuses } = await race(
      () => two.left.admin.post(`${url}/complete`),
      () => two.right.admin.post(`${url}/complete`),
    )
    expect(statuses).toEqual([200, 200])
    await two.finishJobs()
    expect((await two.left.admin.get(draft)).json()).toMatchObject({ fileCount: 1, usageBytes: String(BYTES.length) })
  }
})

async function startSending(path: string): Promise<ClientRequest> {
  const sending = request(`${leftOrigin}/v1${path}`, { method: 'PUT', headers: { 'content-length': PART } })
  sending.on('error', () => {})
  await new Promise<void>(resolve => sending.write(randomBytes(PART / 2), () => resolve()))
  return sending
}

function once(sending: ClientRequest): Promise<number | undefined> {
  return new Promise(resolve => {
    sending.once('response', response => {
      response.resume()
      resolve(response.statusCode)
    })
  })
}
