/** What a store answers when it doesn't answer right, and what becomes of the bytes. */
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  BlobNotFoundError,
  explainStoreError,
  StoreFullError,
  StoreUnavailableError,
} from '../../src/blobs/blob-store.ts'
import type { S3Store } from '../../src/blobs/s3/s3-store.ts'
import { type S3Answer, type S3Fault, type S3Request, s3Error } from '../support/s3-door.ts'
import { listed, listedStaged, newBlobId, put, readAll, stage } from './contract.ts'
import { type FakeStore, openFakeStore, TEST_PART_BYTES, type TestStoreOptions } from './s3-stores.ts'

const SECRET = 'holotype-test-secret'
const small = randomBytes(100_000)
const large = randomBytes(2 * TEST_PART_BYTES + 17)

let opened: FakeStore
let store: S3Store

const open = async (options: TestStoreOptions = {}) => {
  await opened?.close()
  opened = await openFakeStore(options)
  store = opened.store
}
beforeEach(() => open())
afterEach(() => opened.close())

const isPut = ({ method, query }: S3Request) => method === 'PUT' && !query.has('uploadId')
const isPart = ({ method, query }: S3Request) => method === 'PUT' && query.has('uploadId')
const isComplete = ({ method, query }: S3Request) => method === 'POST' && query.has('uploadId')
const isGet = ({ method, key }: S3Request) => method === 'GET' && key !== ''

/** The fault happens to the first so many of these requests, or to all of them. */
function faultOn(is: (request: S3Request) => boolean, fault: S3Fault, times = Number.POSITIVE_INFINITY): void {
  let left = times
  opened.door.fault = request => (is(request) && left-- > 0 ? fault : undefined)
}

const refuse = (answer: S3Answer): S3Fault => ({ kind: 'refuse', answer })
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

async function expectNothing(id: string): Promise<void> {
  opened.door.fault = () => undefined
  expect(await store.stat(id)).toBe(undefined)
  expect([await listed(store), await listedStaged(store)]).toEqual([[], []])
}

describe('a store that can not be used', () => {
  beforeEach(() => open({ attemptsMax: 1 }))

  const answers: [string, S3Answer][] = [
    ['503 SlowDown', s3Error(503, 'SlowDown')],
    ['500 InternalError', s3Error(500, 'InternalError')],
    ['403 AccessDenied', s3Error(403, 'AccessDenied')],
    ['403 RequestTimeTooSkewed', s3Error(403, 'RequestTimeTooSkewed')],
    ['404 NoSuchBucket', s3Error(404, 'NoSuchBucket')],
    ['404 without a word', { status: 404 }],
    ['a page of HTML', { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad gateway</html>' }],
    ['400 from somebody else', { status: 400, body: 'what?' }],
  ]
  const operations: [string, (id: string) => Promise<unknown>][] = [
    ['read', id => store.read(id)],
    ['read a range', id => store.read(id, { start: 0, end: 9 })],
    ['stat', id => store.stat(id)],
    ['list', () => listed(store)],
    ['readInstanceId', () => store.readInstanceId()],
    ['writeInstanceId', () => store.writeInstanceId(randomUUID())],
    ['checkHealth', () => store.checkHealth()],
    ['put', () => put(store, newBlobId(), small)],
    ['put in parts', () => put(store, newBlobId(), large)],
  ]

  it.each(answers)('never says that something is absent when the answer is %s', async (_, answer) => {
    const id = newBlobId()
    await put(store, id, small)
    for (const [name, work] of operations) {
      opened.door.fault = () => refuse(answer)
      const error = await failureOf(work(id))
      expect(error, name).toBeInstanceOf(StoreUnavailableError)
      expect(error, name).not.toBeInstanceOf(BlobNotFoundError)
    }
    opened.door.fault = () => undefined
    expect((await readAll(store, id)).equals(small)).toBe(true)
  })

  it('fails likewise when nobody listens', async () => {
    const id = newBlobId()
    await opened.door.close()
    for (const [name, work] of operations) {
      const error = await failureOf(work(id))
      expect(error, name).toBeInstanceOf(StoreUnavailableError)
      expect(explainStoreError(error)).toContain('nothing answers at the endpoint')
    }
    opened = await openFakeStore()
  })

  it.each([
    [403, 'RequestTimeTooSkewed', 'clocks'],
    [404, 'NoSuchBucket', 'bucket does not exist'],
    [403, 'AccessDenied', 'policy'],
    [403, 'InvalidAccessKeyId', 'does not know the access key'],
    [404, 'XAdminUserNotFound', 'does not know the access key'],
    [403, 'SignatureDoesNotMatch', 'secret access key is wrong'],
    [503, 'SlowDown', 'fewer requests'],
    [301, 'PermanentRedirect', 'another region'],
    [400, 'SomethingNew', 'the store says SomethingNew'],
  ])('says of %i %s in words what it means', async (status, code, words) => {
    opened.door.fault = () => refuse(s3Error(status, code))
    const said = explainStoreError(await failureOf(store.read(newBlobId())))
    expect(said).toContain(words)
    expect(said).toContain(`${status} ${code}`)
    expect(said).not.toContain(SECRET)
  })

  it.each([
    [507, 'XMinioStorageFull'],
    [403, 'QuotaExceeded'],
    [507, 'Whatever'],
  ])('knows that %i %s means full', async (status, code) => {
    for (const bytes of [small, large]) {
      faultOn(({ method }) => method === 'PUT', refuse(s3Error(status, code)))
      const id = newBlobId()
      expect(await failureOf(put(store, id, bytes))).toBeInstanceOf(StoreFullError)
    }
  })

  it('follows no redirect (S30)', async () => {
    const other = await openFakeStore()
    opened.door.fault = ({ url }) =>
      refuse({ status: 307, headers: { location: other.door.endpoint + url, 'x-amz-bucket-region': 'eu-north-1' } })
    expect(await failureOf(put(store, newBlobId(), small))).toBeInstanceOf(StoreUnavailableError)
    expect(await failureOf(store.read(newBlobId()))).toBeInstanceOf(StoreUnavailableError)
    expect(other.door.log).toEqual([])
    await other.close()
  })
})

describe('a write', () => {
  it.each([
    ['SlowDown, twice', isPut, refuse(s3Error(503, 'SlowDown')), 2],
    ['an internal error', isPart, refuse(s3Error(500, 'InternalError')), 2],
    ['a lost answer', isPut, { kind: 'lose' }, 1],
    ['three lost answers', isPut, { kind: 'lose' }, 3],
    ['a lost answer to a part', isPart, { kind: 'lose' }, 1],
    ['a lost answer to the completion', isComplete, { kind: 'lose' }, 1],
    ['three lost answers to the completion', isComplete, { kind: 'lose' }, 3],
    [
      'a completion that is done and answered with an error',
      isComplete,
      { kind: 'replace', answer: { ...s3Error(200, 'InternalError') } },
      3,
    ],
    [
      'a completion that is done and answered with 503',
      isComplete,
      { kind: 'replace', answer: s3Error(503, 'SlowDown') },
      3,
    ],
  ] as [string, (request: S3Request) => boolean, S3Fault, number][])('survives %s', async (_, is, fault, times) => {
    for (const checksums of ['sha256', 'none'] as const) {
      await open({ location: { checksums } })
      faultOn(is, fault, times)
      const id = newBlobId()
      const bytes = is === isPut ? small : large
      await put(store, id, bytes)
      expect((await readAll(store, id)).equals(bytes)).toBe(true)
      expect(await listedStaged(store)).toEqual([])
    }
  })

  it.each([
    ['a single write', isPut, refuse(s3Error(500, 'InternalError'))],
    ['a part', isPart, refuse(s3Error(503, 'SlowDown'))],
    ['a completion', isComplete, refuse(s3Error(500, 'InternalError'))],
    ['a completion, by 200 with an error in its body,', isComplete, refuse(s3Error(200, 'InternalError'))],
    ['a wrong checksum', isPut, refuse(s3Error(400, 'BadDigest'))],
    ['a wrong checksum of a part', isPart, refuse(s3Error(400, 'BadDigest'))],
    ['checksums as such', isPut, refuse(s3Error(400, 'InvalidArgument', 'Unsupported header x-amz-checksum-sha256'))],
  ] as [string, (request: S3Request) => boolean, S3Fault][])(
    'leaves nothing when the store refuses %s',
    async (_, is, fault) => {
      const id = newBlobId()
      faultOn(is, fault)
      const error = await failureOf(put(store, id, is === isPut ? small : large))
      expect(error).toBeInstanceOf(StoreUnavailableError)
      await store.discardStaged(id)
      await expectNothing(id)
    },
  )

  it.each(['sha256', 'none'] as const)(
    'is not taken for done when the store has kept less (checksums: %s)',
    async checksums => {
      for (const bytes of [small, large]) {
        await open({ location: { checksums } })
        const id = newBlobId()
        const { backend, objects } = opened.fake
        opened.door.fault = request => {
          if (!isPut(request) && !isComplete(request)) return undefined
          // It confirms nothing, and keeps half.
          const answer = backend(request) as S3Answer
          const kept = objects.get(request.key)
          if (kept) kept.body = kept.body.subarray(0, 50_000)
          return refuse({
            status: answer.status,
            headers: { etag: '"x"', 'content-type': 'application/xml' },
            body: answer.body ?? '',
          })
        }
        const error = await failureOf(put(store, id, bytes))
        expect(explainStoreError(error)).toContain('the store has kept 50000')
        await expectNothing(id)
      }
    },
  )

  it('never replaces what another has written meanwhile, and says so', async () => {
    for (const bytes of [small, large]) {
      const id = newBlobId()
      const [mine, other] = [
        await stage(store, id, bytes),
        await stage(opened.openSecond(), id, Buffer.from('the other')),
      ]
      await other.publish()
      // Also where the refusal comes to a repeated request.
      faultOn(request => isPut(request) || isComplete(request), refuse(s3Error(503, 'SlowDown')), 1)
      await expect(mine.publish()).rejects.toThrow('is already in the store')
      expect((await readAll(store, id)).toString()).toBe('the other')
    }
  })

  it('of undeclared size ends with a sentence where the store would take no more parts', async () => {
    await open({ partBytesMin: 1 })
    const writer = await store.create(newBlobId())
    const error = failureOf(pipeline(Readable.from([Buffer.alloc(10_001)]), writer.writable))
    expect(await error).toMatchObject({ code: 'too_large', message: expect.stringContaining('at most 10000 bytes') })
    await writer.discard()
  })

  it('of a declared size has parts of one size, and never more than the store takes', async () => {
    const writer = await store.create(newBlobId(), { size: 5 * 2 ** 40 })
    const parts: number[] = []
    opened.door.fault = request => {
      if (isPart(request)) parts.push(request.body.length)
      return undefined
    }
    writer.writable.write(randomBytes(3 * TEST_PART_BYTES))
    await setTimeout(50)
    // 5 TiB in parts of 5 MiB would be a million.
    expect(parts).toEqual([])
    await writer.discard()
  })

  it('holds two parts at most, however much is waiting to be sent', async () => {
    let taken = 0
    const endless = new Readable({
      read() {
        taken += 65_536
        this.push(Buffer.alloc(65_536))
      },
    })
    faultOn(isPart, { kind: 'hang' })
    const writer = await store.create(newBlobId())
    const writing = failureOf(pipeline(endless, writer.writable))
    let before = -1
    while (taken !== before || taken < 2 * TEST_PART_BYTES) {
      before = taken
      await setTimeout(200)
    }
    expect(taken).toBeLessThan(2 * TEST_PART_BYTES + 1024 * 1024)
    await writer.discard()
    expect(await writing).toBeInstanceOf(Error)
  })
})

describe('what is noted of an upload in parts', () => {
  it('is durable before its first part is sent', async () => {
    const id = newBlobId()
    let noted = ''
    const writer = await store.create(id, {
      async noteStaging(reference) {
        await setTimeout(50)
        expect(opened.door.log.filter(line => line.startsWith('PUT'))).toEqual([])
        noted = reference
      },
    })
    await pipeline(Readable.from([large]), writer.writable)
    expect([...opened.fake.uploads.keys()]).toEqual([noted])
    await writer.publish()
    expect((await readAll(store, id)).equals(large)).toBe(true)
  })

  it('ends the upload when it can not be noted', async () => {
    const id = newBlobId()
    const writer = await store.create(id, {
      noteStaging: () => Promise.reject(new Error('no row')),
    })
    await expect(pipeline(Readable.from([large]), writer.writable)).rejects.toThrow('no row')
    await writer.discard()
    await expectNothing(id)
    expect(opened.fake.uploads.size).toBe(0)
  })

  it('is never asked for by bytes that fit one part', async () => {
    const writer = await store.create(newBlobId(), { noteStaging: () => Promise.reject(new Error('noted')) })
    await pipeline(Readable.from([randomBytes(TEST_PART_BYTES)]), writer.writable)
    await writer.publish()
  })

  it('lets another process end the upload, whose writer then fails', async () => {
    const id = newBlobId()
    let noted = ''
    const writer = await store.create(id, {
      noteStaging: async reference => {
        noted = reference
      },
    })
    await pipeline(Readable.from([large]), writer.writable)
    await opened.openSecond().discardStaged(id, noted)
    expect(await failureOf(writer.publish())).toBeInstanceOf(Error)
    await expectNothing(id)
  })
})

describe('a store without conditions', () => {
  const refusals: [string, S3Answer][] = [
    [
      '501 NotImplemented',
      s3Error(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented'),
    ],
    ['400 NotImplemented', s3Error(400, 'NotImplemented')],
    ['400 about an unsupported header', s3Error(400, 'InvalidArgument', 'Unsupported header If-None-Match received')],
  ]
  it.each(refusals)('is asked once, refuses with %s, and then looked at before each write', async (_, answer) => {
    faultOn(({ headers }) => headers['if-none-match'] !== undefined, refuse(answer))
    for (const bytes of [small, large]) {
      const id = newBlobId()
      await put(store, id, bytes)
      expect((await readAll(store, id)).equals(bytes)).toBe(true)
      await expect(put(store, id, Buffer.from('second'))).rejects.toThrow('is already in the store')
      expect((await readAll(store, id)).equals(bytes)).toBe(true)
    }
    expect(opened.door.log.filter(line => line.startsWith('PUT team/blobs/') && !line.includes('?'))).toHaveLength(2)
    const owner = randomUUID()
    await store.writeInstanceId(owner)
    expect(await store.readInstanceId()).toBe(owner)
  })
})

describe('a store that lists uploads', () => {
  it('only by their whole key: what is under an id is found all the same', async () => {
    opened.door.fault = request => {
      const { query, key } = request
      const isListing = key === '' && query.has('uploads')
      const isWhole = [...opened.fake.uploads.values()].some(upload => upload.key === query.get('prefix'))
      const empty = '<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>'
      return isListing && !isWhole ? refuse({ status: 200, body: empty }) : undefined
    }
    const id = newBlobId()
    await stage(opened.openSecond(), id, large)
    expect(await listedStaged(store)).toEqual([])
    await store.discardStaged(id)
    expect(opened.fake.uploads.size).toBe(0)
  })

  it.each([s3Error(501, 'NotImplemented'), s3Error(403, 'AccessDenied')])(
    'not at all: what was noted is found all the same',
    async answer => {
      faultOn(({ key, query }) => key === '' && query.has('uploads'), refuse(answer))
      const id = newBlobId()
      let noted = ''
      const writer = await opened.openSecond().create(id, {
        noteStaging: async reference => {
          noted = reference
        },
      })
      await pipeline(Readable.from([large]), writer.writable)
      expect(await listedStaged(store)).toEqual([])
      await store.discardStaged(id, noted)
      expect(opened.fake.uploads.size).toBe(0)
    },
  )

  it('but is out of reach right now: nothing is taken for discarded', async () => {
    await open({ attemptsMax: 1 })
    faultOn(({ key, query }) => key === '' && query.has('uploads'), refuse(s3Error(503, 'SlowDown')))
    await expect(store.discardStaged(newBlobId())).rejects.toThrow(StoreUnavailableError)
    await expect(listedStaged(store)).rejects.toThrow(StoreUnavailableError)
  })
})

describe('a read', () => {
  const range = { start: 1000, end: 59_999 }
  const bytesOf = async (id: string, span?: typeof range) => buffer((await store.read(id, span)).stream)

  it.each([0, 1, 40_000, 58_999])('that is cut after %i bytes is an error and never a clean end (R23)', async bytes => {
    const id = newBlobId()
    await put(store, id, small)
    for (const span of [undefined, range]) {
      faultOn(isGet, { kind: 'cut', bytes })
      expect(await failureOf(bytesOf(id, span))).toBeInstanceOf(StoreUnavailableError)
    }
  })

  it('that is answered with other bytes than it asked for is an error (R20)', async () => {
    const id = newBlobId()
    await put(store, id, small)
    const part = (contentRange: string, length: number): S3Answer => ({
      status: 206,
      headers: { 'content-range': contentRange },
      body: small.subarray(0, length),
    })
    const answers: S3Answer[] = [
      { status: 200, body: small },
      { status: 206, body: small.subarray(range.start, range.end + 1) },
      part('bytes 0-58999/100000', 59_000),
      part('bytes 1000-59998/100000', 58_999),
      part('bytes 1000-59999/100000', 58_999),
      part('bytes 1000-59999/*', 59_000),
    ]
    for (const answer of answers) {
      faultOn(isGet, refuse(answer))
      expect(await failureOf(bytesOf(id, range)), JSON.stringify(answer.headers)).toBeInstanceOf(StoreUnavailableError)
    }
  })

  it('of an object that has become shorter tells its size, and its stream fails', async () => {
    const id = newBlobId()
    await put(store, id, small)
    const object = [...opened.fake.objects.values()][0]
    for (const length of [500, 2000]) {
      if (object) object.body = small.subarray(0, length)
      const reading = await store.read(id, range)
      expect(reading.size).toBe(length)
      expect(await failureOf(buffer(reading.stream))).toBeInstanceOf(StoreUnavailableError)
    }
  })
})

describe('a store that does not answer', () => {
  const timeouts = { idleMs: 300, completeMs: 300, connectMs: 300 }
  const attemptsMax = 1

  it('is not waited for for ever', async () => {
    await open({ timeouts, attemptsMax })
    const id = newBlobId()
    await put(store, id, small)
    opened.door.fault = () => ({ kind: 'hang' })
    for (const work of [
      () => store.read(id),
      () => store.stat(id),
      () => put(store, newBlobId(), small),
      () => listed(store),
    ]) {
      const error = await failureOf(work())
      expect(error).toBeInstanceOf(StoreUnavailableError)
      expect(explainStoreError(error)).toContain('did not answer in time')
    }
  })

  it('in the middle of a listing is not waited for for ever', async () => {
    await open({ timeouts, attemptsMax })
    await put(store, newBlobId(), small)
    opened.door.fault = () => ({ kind: 'stall', bytes: 30 })
    expect(await failureOf(listed(store))).toBeInstanceOf(StoreUnavailableError)
  })

  it('in the middle of the bytes ends the reading with an error', async () => {
    await open({ timeouts, attemptsMax })
    const id = newBlobId()
    await put(store, id, small)
    faultOn(isGet, { kind: 'stall', bytes: 40_000 })
    const error = await failureOf(store.read(id).then(({ stream }) => buffer(stream)))
    expect(explainStoreError(error)).toContain('has sent nothing for')
  })

  it('is another thing than a reader who takes his time', async () => {
    await open({ timeouts, attemptsMax })
    const id = newBlobId()
    const bytes = randomBytes(3_000_000)
    await put(store, id, bytes)
    const { stream } = await store.read(id)
    const chunks: Buffer[] = []
    await once(stream, 'readable')
    for (const pause of [700, 700]) {
      const chunk: Buffer | null = stream.read()
      if (chunk) chunks.push(chunk)
      await setTimeout(pause)
    }
    expect(Buffer.concat([...chunks, await buffer(stream)]).equals(bytes)).toBe(true)
  })
})

describe('the health of a store', () => {
  it('is asked once for all that ask within some seconds', async () => {
    let now = 0
    await open({ now: () => now })
    const asked = () => opened.door.log.length
    await Promise.all([store.checkHealth(), store.checkHealth()])
    expect(asked()).toBe(1)
    opened.door.fault = () => refuse(s3Error(403, 'AccessDenied'))
    now = 4999
    await store.checkHealth()
    now = 5001
    await expect(store.checkHealth()).rejects.toThrow(StoreUnavailableError)
    await expect(store.checkHealth()).rejects.toThrow(StoreUnavailableError)
    expect(asked()).toBe(2)
    opened.door.fault = () => undefined
    now = 20_000
    await store.checkHealth()
  })
})
