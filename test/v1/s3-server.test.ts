/** The front door over a real S3 server, used as people use it. */
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { S3Store } from '../../src/blobs/s3/s3-store.ts'
import { verifyBlobs } from '../../src/registry/blobs/verify-blobs.ts'
import { listed, listedStaged } from '../blobs/contract.ts'
import { makeBucket, storeOptions } from '../blobs/s3-stores.ts'
import { finishJobs } from '../support/jobs.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'
import { S3_ENVIRONMENT } from '../support/s3-registry.ts'
import { NO_VERSITYGW, VERSITYGW_CREDENTIALS } from '../support/versitygw.ts'

const endpoint = inject('versitygw')
const MIB = 1024 * 1024

let r: TestRegistry
let url: string
let bucket: string
/** The bucket as it is, without the registry. */
let store: S3Store
let storageProviderId: string

beforeAll(async () => {
  if (endpoint === undefined) return
  r = await startRegistry(S3_ENVIRONMENT)
  url = await r.listen()
  bucket = await makeBucket(endpoint)
  store = new S3Store(storeOptions(endpoint, { location: { bucket } }))
  const answer = await r.admin.post('/storage-providers', provider())
  expect(answer.statusCode, answer.body).toBe(200)
  storageProviderId = answer.json().id
})
afterAll(async () => {
  store?.close()
  await r?.close()
})
beforeEach(context => context.skip(endpoint === undefined, NO_VERSITYGW))

function provider(s3Config: Record<string, unknown> = {}) {
  const { accessKeyId: accessKey, secretAccessKey } = VERSITYGW_CREDENTIALS
  return {
    name: 'versitygw',
    storageProviderType: 's3',
    s3Config: { bucket, prefix: 'team', endpoint, accessKey, secretAccessKey, ...s3Config },
  }
}

/** Sends bytes as a client does, over a connection. */
async function put(path: string, body: Buffer | Readable, size?: number): Promise<Response> {
  return await fetch(url + path, {
    method: 'PUT',
    body: Buffer.isBuffer(body) ? body : Readable.toWeb(body),
    headers: {
      authorization: `Bearer ${r.writer.key}`,
      ...(size !== undefined && { 'content-length': String(size) }),
    },
    duplex: 'half',
  } as RequestInit)
}

async function draft(): Promise<string> {
  const { id } = (await r.writer.post('/models', { name: 'm', storageProviderId })).json()
  await r.writer.post(`/models/${id}/versions`)
  return `/models/${id}/versions/1/files`
}

test('a provider is refused by its server in words', async () => {
  for (const [wrong, words] of [
    [{ secretAccessKey: 'wrong' }, 'secret access key is wrong'],
    [{ accessKey: 'nobody' }, 'does not know the access key'],
    [{ bucket: 'no-such-bucket' }, 'bucket does not exist'],
  ] as const) {
    const answer = await r.admin.post('/storage-providers', provider(wrong))
    expect([answer.statusCode, answer.json().message]).toEqual([400, expect.stringContaining(words)])
  }
})

describe('a file', () => {
  test.each([0, 1, 8 * MIB, 8 * MIB + 1, 20 * MIB + 3])('of %i bytes comes back as it was sent', async size => {
    const files = await draft()
    const bytes = randomBytes(size)
    const sent = await put(`${files}/w.bin`, bytes)
    expect(sent.status, await sent.text()).toBe(200)
    const whole = await r.reader.get(`${files}/w.bin`)
    expect(whole.rawPayload.equals(bytes)).toBe(true)
    if (size < 2) return
    const middle = { start: Math.floor(size / 2), end: size - 2 }
    const part = await r.reader.get(`${files}/w.bin`, { range: `bytes=${middle.start}-${middle.end}` })
    expect([part.statusCode, part.rawPayload.equals(bytes.subarray(middle.start, middle.end + 1))]).toEqual([206, true])
  })

  test('of undeclared size comes back too, and so does the tar of all', async () => {
    const files = await draft()
    const bytes = randomBytes(9 * MIB)
    const pieces = Array.from({ length: 9 }, (_, index) => bytes.subarray(index * MIB, (index + 1) * MIB))
    expect((await put(`${files}/w.bin`, Readable.from(pieces))).status).toBe(200)
    await r.writer.put(files.replace('/files', ''), { isCommitted: true })
    const tar = await r.reader.get(files.replace('/files', '/archive'))
    expect([tar.statusCode, tar.rawPayload.includes(bytes)]).toEqual([200, true])
  })

  test('whose sender breaks off leaves nothing in the bucket', async () => {
    const before = await listed(store)
    const files = await draft()
    const body = new Readable({ read() {} })
    const sending = put(`${files}/w.bin`, body, 30 * MIB).catch(() => undefined)
    body.push(randomBytes(12 * MIB))
    await expect.poll(() => listedStaged(store), { timeout: 20_000 }).toHaveLength(1)
    body.destroy(new Error('gone'))
    await sending
    await finished(body).catch(() => {})
    await expect.poll(() => listedStaged(store), { timeout: 20_000 }).toEqual([])
    await finishJobs(r.app)
    expect(await listed(store)).toEqual(before)
  })
})

test('every blob is read again by verify, and what is lost is named', async () => {
  const { id } = await keepModel(r.writer, { w: randomBytes(1000) }, { storageProviderId })
  const problems = async () => {
    const found: string[] = []
    for await (const { problem } of verifyBlobs(r.app.registry)) if (problem) found.push(problem.kind)
    return found
  }
  expect(await problems()).toEqual([])
  const blob = await r.app.registry.db.read
    .selectFrom('files')
    .select('blob_id')
    .where('model_id', '=', id)
    .executeTakeFirstOrThrow()
  await store.delete(blob.blob_id)
  expect(await problems()).toEqual(['missing'])
  await r.writer.delete(`/models/${id}`)
})

test('the bucket is empty when everything is deleted', async () => {
  const { items } = (await r.reader.get('/models?limit=120')).json()
  for (const { id } of items) await r.writer.delete(`/models/${id}`)
  await finishJobs(r.app)
  expect([await listed(store), await listedStaged(store)]).toEqual([[], []])
  expect((await r.admin.delete(`/storage-providers/${storageProviderId}`)).statusCode).toBe(200)
})
