/** Where parts go is said by the registry: nothing goes anywhere that no store is, and the key goes nowhere but to the registry. */

import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeRegistry, sendJson, sha256, startFakeRegistry } from './fake-registry.ts'
import { portOf } from './ports.ts'
import { run } from './support.ts'

const KEY = 'ht_akabcdefghijklm_0123456789abcdef0123456789abcdef'
const SIZE = 33 * 2 ** 20
const PART = 17 * 2 ** 20
const BYTES = Buffer.alloc(SIZE, 'x')
const UPLOADS = '/v1/models/mofake000000000/versions/1/uploads'
const UPLOAD = { id: 'upfake000000000', path: 'w.bin', size: SIZE, partSize: PART, partCount: 2, receivedBytes: 0 }

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holotype-parts-'))
  await writeFile(join(dir, 'w.bin'), BYTES)
})

afterEach(() => rm(dir, { recursive: true, force: true }))

interface Lies {
  upload?: object
  offer?: object
  ended?: object
  /** What is said of the parts when they are listed. */
  parts?: object[]
}

/** Has a draft and takes an upload, but may say something else than a registry would. */
async function startLying({ upload, offer, ended, parts }: Lies): Promise<FakeRegistry> {
  const open = { ...UPLOAD, dtCreated: '', dtExpires: '', problem: null, sha256: null, state: 'open', ...upload }
  return await startFakeRegistry([], (request, response) => {
    const { method, url } = request
    if ((method === 'POST' && url?.endsWith('/versions')) || url?.endsWith('/versions/1')) {
      sendJson(response, 200, { version: '1', modelId: 'mofake000000000', isCommitted: false })
    } else if (method === 'POST' && url === UPLOADS) {
      sendJson(response, 200, open)
    } else if (parts && url?.startsWith(`${UPLOADS}?`)) {
      sendJson(response, 200, { hasMore: false, items: [open], nextPage: null })
    } else if (parts && method === 'GET' && url?.startsWith(`${UPLOADS}/${open.id}/parts?`)) {
      sendJson(response, 200, { hasMore: false, items: parts, nextPage: null })
    } else if (method === 'POST' && url === `${UPLOADS}/${open.id}/parts`) {
      void offerParts(request, response, offer)
    } else if (url?.startsWith(`${UPLOADS}/${open.id}`)) {
      sendJson(response, 200, { ...open, state: 'complete', sha256: sha256(BYTES), ...ended })
    } else {
      return false
    }
    return true
  })
}

async function offerParts(request: IncomingMessage, response: ServerResponse, offer: object = {}): Promise<void> {
  const { numbers, sha256s } = (await json(request)) as { numbers: number[]; sha256s?: string[] }
  const headers = sha256s === undefined ? {} : { 'x-amz-checksum-sha256': 'abc=' }
  const items = numbers.map(number => {
    const size = number === 1 ? PART : SIZE - PART
    return { number, size, method: 'PUT', headers, dtExpires: '', url: 'http://127.0.0.1:1/', ...offer }
  })
  sendJson(response, 200, { items })
}

interface Store extends AsyncDisposable {
  url: string
  seen: IncomingMessage[]
}

/** Reads what comes, and answers each request by `answer`. */
async function startStore(answer: (response: ServerResponse, request: IncomingMessage) => void): Promise<Store> {
  const seen: IncomingMessage[] = []
  const server = createServer((request, response) => {
    seen.push(request)
    request.resume().on('end', () => answer(response, request))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function push(registry: FakeRegistry) {
  const homes = { XDG_CONFIG_HOME: join(dir, 'config'), XDG_STATE_HOME: join(dir, 'state') }
  const env = { HOLOTYPE_URL: registry.url, HOLOTYPE_API_KEY: KEY, ...homes }
  const result = await run(['push', join(dir, 'w.bin'), 'fake', '--draft', '--json'], { env })
  expect(result.stdout + result.stderr).not.toContain(KEY)
  return { code: result.code, message: result.code === 0 ? '' : JSON.parse(result.stderr).message }
}

test('a part goes to the store exactly as the registry says, and without the key', async () => {
  await using store = await startStore(response => response.end())
  const headers = { 'x-amz-checksum-sha256': 'abc=', 'x-amz-meta-a': 'b' }
  const url = `${store.url}/bucket/key?partNumber=1&X-Amz-Signature=a%2Fb`
  await using registry = await startLying({ offer: { url, headers } })
  expect(await push(registry)).toEqual({ code: 0, message: '' })
  expect(store.seen).toHaveLength(2)
  for (const { method, url, headers } of store.seen) {
    expect({ method, url }).toEqual({ method: 'PUT', url: '/bucket/key?partNumber=1&X-Amz-Signature=a%2Fb' })
    expect(headers).toMatchObject({ 'x-amz-checksum-sha256': 'abc=', 'x-amz-meta-a': 'b' })
    expect(headers.authorization).toBeUndefined()
    expect(headers['transfer-encoding']).toBeUndefined()
  }
  expect(store.seen.map(({ headers }) => Number(headers['content-length'])).sort()).toEqual([SIZE - PART, PART])
})

test.each([400, 501])('a store that refuses checksums with %i gets the parts without', async status => {
  await using store = await startStore((response, { headers }) => {
    response.writeHead(headers['x-amz-checksum-sha256'] === undefined ? 200 : status).end()
  })
  await using registry = await startLying({ offer: { url: store.url } })
  expect(await push(registry)).toEqual({ code: 0, message: '' })
  const sent = store.seen.map(({ headers }) => headers['x-amz-checksum-sha256'])
  expect(sent.filter(checksum => checksum === undefined)).toHaveLength(2)
})

test('where a store does not say what it has, a second push knows what the first one has sent', async () => {
  let isBroken = true
  const first = Promise.withResolvers<void>()
  await using store = await startStore(async (response, { headers }) => {
    const isFirst = Number(headers['content-length']) === PART
    if (!isFirst) await first.promise
    response.writeHead(isBroken && !isFirst ? 403 : 200).end(first.resolve)
  })
  const part = (number: number, size: number) => ({ number, size, isReceived: true, sha256: null })
  const parts = [part(1, PART), part(2, SIZE - PART)]
  await using registry = await startLying({ offer: { url: store.url }, parts })
  expect((await push(registry)).code).toBe(3)
  isBroken = false
  expect(await push(registry)).toEqual({ code: 0, message: '' })
  const lengths = store.seen.map(({ headers }) => Number(headers['content-length']))
  expect(lengths.filter(length => length === PART)).toHaveLength(1)
})

describe('no part is sent when the registry offers', () => {
  const cases: Record<string, object> = {
    'a file': { url: 'file:///etc/passwd' },
    'another protocol': { url: 'ftp://127.0.0.1/x' },
    'a URL with a login': { url: 'http://user:password@127.0.0.1:1/' },
    'no URL': { url: 'http://[' },
    'another method': { method: 'DELETE' },
    'a method that is none': { method: 'PUT / HTTP/1.1\r\nx: y\r\n\r\nGET' },
    'another host': { headers: { Host: 'elsewhere' } },
    'another length': { headers: { 'Content-Length': '1' } },
    'another framing': { headers: { 'transfer-encoding': 'chunked' } },
    'a cookie': { headers: { cookie: 'a=b' } },
    'a line break in a header': { headers: { 'x-amz-a': 'b\r\nx: y' } },
    'a header that is no text': { headers: { 'x-amz-a': ['b'] } },
    'a name that is none': { headers: { 'x y': 'b' } },
    'more headers than any store': {
      headers: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`x-${i}`, ''])),
    },
    'another part': { number: 3 },
    'another size': { size: 1 },
  }
  test.each(Object.entries(cases))('%s', async (_what, offer) => {
    await using store = await startStore(response => response.end())
    await using registry = await startLying({ offer: { url: store.url, ...offer } })
    expect(await push(registry)).toEqual({ code: 6, message: expect.stringMatching(/part 1 of "w.bin"/) })
    expect(store.seen).toEqual([])
  })
})

describe('an upload is not gone on with when the registry says that it has', () => {
  const cases: Record<string, object> = {
    'another size': { size: SIZE + 1 },
    'another path': { path: 'x' },
    'parts of no size': { partSize: 0 },
    'parts of one byte': { partSize: 1, partCount: SIZE },
    'another number of parts': { partCount: 3 },
  }
  test.each(Object.entries(cases))('%s', async (_what, upload) => {
    await using registry = await startLying({ upload })
    expect(await push(registry)).toMatchObject({ code: 6, message: expect.stringContaining('another upload') })
  })
})

describe('a push ends', () => {
  test.each<[string, (response: ServerResponse) => void, number, RegExp]>([
    ['when the store sends it elsewhere', redirect, 1, /did not take part [12] \(status 307\)/],
    ['when the store refuses', refuse, 3, /did not take part [12] \(status 403, RequestTimeTooSkewed\)/],
    ['when the answer is endless', babble, 1, /longer than 16 MiB/],
  ])('%s', async (_what, answer, code, message) => {
    await using store = await startStore(answer)
    await using registry = await startLying({ offer: { url: store.url } })
    expect(await push(registry)).toEqual({ code, message: expect.stringMatching(message) })
  })

  test.each<[string, object, number, string]>([
    ['when other bytes have arrived', { sha256: sha256('other') }, 6, 'arrived with the sha256'],
    ['when no sha256 is said', { sha256: null }, 6, 'arrived with the sha256 null'],
    ['when they were not kept', { state: 'failed', problem: 'they are bad' }, 5, 'has not kept "w.bin": they are bad'],
  ])('%s', async (_what, ended, code, message) => {
    await using store = await startStore(response => response.end())
    await using registry = await startLying({ offer: { url: store.url }, ended })
    expect(await push(registry)).toEqual({ code, message: expect.stringContaining(message) })
  })
})

function redirect(response: ServerResponse): void {
  response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()
}

function refuse(response: ServerResponse): void {
  response.writeHead(403, { 'content-type': 'application/xml' })
  response.end('<?xml version="1.0"?><Error><Code>RequestTimeTooSkewed</Code><Message>\u001b[31m</Message></Error>')
}

function babble(response: ServerResponse): void {
  response.writeHead(200)
  const chunk = Buffer.alloc(2 ** 20)
  const write = () => {
    while (!response.destroyed && response.write(chunk)) {}
  }
  response.on('drain', write)
  write()
}
