/** HTTP that leaves room for two readings (S55), that breaks off (R14), or that is something else altogether. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { expectNeutralRefusal, expectRefusal, expectSoundAnswer } from './answers.ts'
import { exchange, open } from './raw-http.ts'

let registry: TestRegistry
let port: number
let auth: string
let files: string

beforeAll(async () => {
  registry = await startRegistry()
  port = Number(new URL(await registry.listen()).port)
  auth = `Host: registry.test\r\nAuthorization: Bearer ${registry.writer.key}\r\n`
  const { id } = (await registry.writer.post('/models', { name: 'framing' })).json()
  await registry.writer.post(`/models/${id}/versions`)
  files = `/v1/models/${id}/versions/1/files`
})
afterAll(async () => {
  const { answers } = await exchange(port, 'GET /readyz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
  await registry.close()
  expect(answers.map(({ status }) => status)).toEqual([200])
})

const BODY = '{"name":"smuggled"}'
/** What a second reader might take for a request of its own. */
const HIDDEN = () =>
  `POST /v1/models HTTP/1.1\r\n${auth}Content-Type: application/json\r\nContent-Length: 19\r\n\r\n${BODY}`

/** A request to make the model "outer", with `headers` for its framing and `rest` after the empty line. */
const frame = (headers: string, rest: string, version = '1.1') =>
  `POST /v1/models HTTP/${version}\r\n${auth}Connection: close\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${rest}`

const countOf = async (name: string) =>
  (await registry.writer.get(`/models?limit=120&name=${name}`)).json().items.length

const chunked = (body: string) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`

describe('requests of two readings', () => {
  test.each([
    ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked', () => `0\r\n\r\n${HIDDEN()}`],
    ['chunks and a length', 'Transfer-Encoding: chunked\r\nContent-Length: 200', () => `0\r\n\r\n${HIDDEN()}`],
    ['two lengths', 'Content-Length: 19\r\nContent-Length: 5', () => BODY + HIDDEN()],
    ['the same length twice', 'Content-Length: 19\r\nContent-Length: 19', () => BODY + HIDDEN()],
    ['a list of lengths', 'Content-Length: 19, 19', () => BODY],
    ['a negative length', 'Content-Length: -1', () => BODY],
    ['a length with a plus', 'Content-Length: +19', () => BODY],
    ['a length in hex', 'Content-Length: 0x13', () => BODY],
    ['a length with a blank in it', 'Content-Length: 1 9', () => BODY],
    ['a length beyond 64 bits', 'Content-Length: 18446744073709551635', () => BODY],
    ['an empty length', 'Content-Length: ', () => BODY],
    ['a blank before the colon', 'Content-Length : 19', () => BODY],
    ['chunked twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', () => chunked(BODY)],
    ['chunked, but not last', 'Transfer-Encoding: chunked, identity', () => chunked(BODY)],
    ['almost chunked', 'Transfer-Encoding: xchunked', () => chunked(BODY)],
    ['chunked behind a vertical tab', 'Transfer-Encoding: \x0bchunked', () => chunked(BODY)],
    ['an unknown coding', 'Transfer-Encoding: identity', () => BODY],
    ['a folded header', 'X-A: b\r\n Content-Length: 19', () => BODY],
    ['a bare line feed', 'X-A: b\nContent-Length: 19', () => BODY],
    ['a bare carriage return', 'X-A: b\rContent-Length: 19', () => BODY],
    ['a NUL in a header', 'X-A: b\0c\r\nContent-Length: 19', () => BODY],
    ['a header without a name', ': b\r\nContent-Length: 19', () => BODY],
    ['a header without a colon', 'X-A\r\nContent-Length: 19', () => BODY],
    ['a chunk size that is none', 'Transfer-Encoding: chunked', () => `zz\r\n${BODY}\r\n0\r\n\r\n`],
    ['a negative chunk size', 'Transfer-Encoding: chunked', () => `-13\r\n${BODY}\r\n0\r\n\r\n`],
    ['a chunk size with 0x', 'Transfer-Encoding: chunked', () => `0x13\r\n${BODY}\r\n0\r\n\r\n`],
    ['a chunk size beyond 64 bits', 'Transfer-Encoding: chunked', () => `10000000000000013\r\n${BODY}\r\n0\r\n\r\n`],
    ['a chunk longer than its size', 'Transfer-Encoding: chunked', () => `5\r\n${BODY}\r\n0\r\n\r\n`],
    ['a chunk line that ends in a bare line feed', 'Transfer-Encoding: chunked', () => `13\n${BODY}\r\n0\r\n\r\n`],
    ['a chunk extension that hides a line feed', 'Transfer-Encoding: chunked', () => `13;a\n${BODY}\r\n0\r\n\r\n`],
    [
      'a chunk extension of 20 KiB',
      'Transfer-Encoding: chunked',
      () => `13;${'a'.repeat(20_480)}\r\n${BODY}\r\n0\r\n\r\n`,
    ],
  ])('%s: refused, the connection ended, and nothing done', async (_what, headers, rest) => {
    const { answers, closed } = await exchange(port, frame(headers, rest()))
    expect(closed).toBe(true)
    expect(answers).toHaveLength(1)
    for (const answer of answers) expectRefusal(answer, [400, 413])
    expect(await countOf('smuggled')).toBe(0)
  })

  test('a chunk extension and a trailer are allowed, and mean nothing', async () => {
    const body = '{"name":"trailed"}'
    const rest = `12;a=b;c="d"\r\n${body}\r\n0;x\r\nAuthorization: Bearer other\r\n\r\n`
    const { answers } = await exchange(port, frame('Transfer-Encoding: chunked\r\nTrailer: Authorization', rest))
    expect(answers.map(({ status }) => status)).toEqual([200])
    expect(await countOf('trailed')).toBe(1)
  })

  test.each(['gzip, chunked', 'deflate, chunked'])(
    'a file in the transfer coding "%s" is not kept as if it were the bytes',
    async coding => {
      const head = `PUT ${files}/coded HTTP/1.1\r\n${auth}Connection: close\r\nTransfer-Encoding: ${coding}\r\n\r\n`
      const { answers } = await exchange(port, head + chunked('bytes'))
      for (const answer of answers) expectRefusal(answer, [400])
      expect(answers).toHaveLength(1)
      expect((await registry.writer.get(`${files.slice(3)}/coded`)).statusCode).toBe(404)
    },
  )

  test('requests in one packet are answered in their order, each by its own key', async () => {
    const request = (path: string, key: string | undefined) =>
      `GET ${path} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${key}\r\n\r\n`
    const requests = [
      request('/v1/auth/session', registry.writer.key),
      request('/v1/auth/session', registry.stranger.key),
      request('/v1/models/none', registry.writer.key),
      request('/v1/models', 'ht_wrong'),
      HIDDEN().replaceAll('smuggled', 'in a row'),
      request('/livez', registry.writer.key),
    ]
    const { answers } = await exchange(port, requests.join(''), { answers: requests.length })
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 401, 200, 200])
    const teams = answers.slice(0, 2).map(({ body }) => JSON.parse(body.toString()).team.id)
    expect(new Set(teams).size).toBe(2)
  })

  test('of what follows a refused upload nothing is taken for a request', async () => {
    const hidden = HIDDEN()
    const body = `${'x'.repeat(1_000_000)}\r\n\r\n${hidden}`
    const head = `PUT ${files}/a HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ht_wrong\r\nContent-Length: ${body.length}\r\n\r\n`
    const { answers, closed } = await exchange(port, head + body)
    expect(answers.map(({ status }) => status)).toEqual([401])
    expect(closed).toBe(true)
    expect(await countOf('smuggled')).toBe(0)
  })
})

describe('requests that break off', () => {
  test.each([
    ['with a length', 'Content-Length: 1000', 'only a part'],
    ['in chunks', 'Transfer-Encoding: chunked', '5\r\nbytes\r\n'],
    ['in the middle of a chunk', 'Transfer-Encoding: chunked', 'ff\r\nbytes'],
    ['before the last line of the chunks', 'Transfer-Encoding: chunked', '5\r\nbytes\r\n0\r\n'],
  ])('an upload %s that ends early leaves nothing anyone can see', async (_what, framing, part) => {
    const connection = await open(port)
    connection.send(`PUT ${files}/broken HTTP/1.1\r\n${auth}${framing}\r\n\r\n${part}`)
    // Half-closed: the sender is done, and can still hear what the server has to say.
    connection.socket.end()
    const { answers } = await connection.read()
    for (const answer of answers) expectRefusal(answer, [400])
    expect((await registry.writer.get(`${files.slice(3)}/broken`)).statusCode).toBe(404)
    expect((await registry.writer.get(`${files.slice(3)}`)).json().items).toEqual([])
    await expect.poll(() => readdir(join(registry.dataDir, 'tmp'))).toEqual([])
  })

  test('half a JSON body makes nothing', async () => {
    const connection = await open(port)
    connection.send(frame('Content-Length: 40', '{"name":"smuggled"}'))
    connection.socket.end()
    await connection.read()
    expect(await countOf('smuggled')).toBe(0)
  })

  test('half a header is no request', async () => {
    const connection = await open(port)
    connection.send(`DELETE ${files.replace(/\/versions.*/, '')} HTTP/1.1\r\n${auth}`)
    connection.socket.end()
    await connection.read()
    expect((await registry.writer.get(files.slice(3))).statusCode).toBe(200)
  })
})

describe('other protocols and odd requests', () => {
  const get = (target: string, more = '') => `GET ${target} HTTP/1.1\r\n${auth}Connection: close\r\n${more}\r\n`

  test.each([
    ['the preface of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'],
    ['the beginning of TLS', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['an SSH greeting', () => 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['a Redis command', () => '*1\r\n$4\r\nPING\r\n'],
    ['bytes of no meaning', () => '\x00\x01\x02\xff\xfe\r\n\r\n'],
    ['no path', () => `GET HTTP/1.1\r\n${auth}\r\n`],
  ])('%s gets a refusal in plain JSON and the end of the connection', async (_what, bytes) => {
    const { answers, closed } = await exchange(port, bytes())
    for (const answer of answers) expectNeutralRefusal(answer, [400])
    expect({ closed, count: answers.length }).toEqual({ closed: true, count: 1 })
  })

  test.each([
    ['a version of the future', () => get('/v1/models').replace('HTTP/1.1', 'HTTP/9.9')],
    ['a version in lower case', () => get('/v1/models').replace('HTTP/1.1', 'http/1.1')],
    ['a blank in the path', () => get('/v1/mod els')],
    ['a tab', () => get('/v1/models').replace('GET ', 'GET\t')],
    ['raw bytes in the path', () => get('/v1/models/\xff\xfe').replace('\xff', '\x01')],
  ])('%s gets a refusal of v1 and the end of the connection', async (_what, bytes) => {
    const { answers, closed } = await exchange(port, bytes())
    for (const answer of answers) expectRefusal(answer, [400])
    expect({ closed, count: answers.length }).toEqual({ closed: true, count: 1 })
  })

  test.each([
    ['a header of 20 KiB', () => get('/v1/models', `X-A: ${'a'.repeat(20_480)}\r\n`)],
    ['a path of 20 KiB', () => get(`/v1/models/${'a'.repeat(20_480)}`)],
    ['a query of 20 KiB', () => get(`/v1/models?name=${'a'.repeat(20_480)}`)],
    ['5,000 headers', () => get('/v1/models', 'X-A: b\r\n'.repeat(5_000))],
    ['a header that never ends', () => `GET /v1/models HTTP/1.1\r\nX-A: ${'a'.repeat(200_000)}`],
  ])('%s are too many bytes', async (_what, bytes) => {
    const { answers, closed } = await exchange(port, bytes())
    for (const answer of answers) expectRefusal(answer, [431])
    expect({ closed, count: answers.length }).toEqual({ closed: true, count: 1 })
  })

  test('a thousand small headers are read or refused, and the key before them still counts', async () => {
    const { answers } = await exchange(port, get('/v1/models', 'a:b\r\n'.repeat(1_000)))
    for (const answer of answers) expectSoundAnswer(answer)
    expect(answers).toHaveLength(1)
  })

  test('headers that the limit on their number drops can not drop the length of the body', async () => {
    const many = 'a:b\r\n'.repeat(2_500)
    const { answers } = await exchange(
      port,
      frame(`${many}Content-Length: 19`, BODY.replace('smuggled', 'x'.repeat(8)) + HIDDEN()),
    )
    expect(answers).toHaveLength(1)
    expect(await countOf('smuggled')).toBe(0)
  })

  test('a request for another host by its whole URL is answered here, and is sent nowhere', async () => {
    const { answers } = await exchange(port, get('http://other.test/v1/models/none'))
    expect(answers.map(answer => expectRefusal(answer, [404]))).toEqual(['model "none" does not exist'])
  })

  test('a tunnel is not opened', async () => {
    const { answers, closed } = await exchange(port, `CONNECT other.test:443 HTTP/1.1\r\n${auth}\r\n`)
    expect({ answers, closed }).toEqual({ answers: [], closed: true })
  })

  test.each(['websocket', 'h2c', 'TLS/1.0'])(
    'an upgrade to %s is passed over: the request is answered as it is',
    async protocol => {
      const upgrade = `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: AAMAAABk\r\nSec-WebSocket-Key: eA==\r\n`
      const { answers } = await exchange(port, `GET /v1/auth/session HTTP/1.1\r\n${auth}${upgrade}\r\n`, { answers: 1 })
      expect(answers.map(({ status, headers }) => [status, headers['upgrade']])).toEqual([[200, undefined]])
    },
  )

  test('a body that waits to be asked for is asked for', async () => {
    const { answers } = await exchange(port, frame('Content-Length: 18\r\nExpect: 100-continue', '{"name":"awaited"}'))
    expect(answers.map(({ status }) => status)).toEqual([100, 200])
  })

  test('an upload that waits to be asked for is not asked for without a key', async () => {
    const head = `PUT ${files}/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\nExpect: 100-continue\r\n\r\n`
    const { answers, closed } = await exchange(port, head)
    expect(answers.map(({ status }) => status)).toEqual([401])
    expect(closed).toBe(true)
  })

  test('unknown expectations, and requests without a host, are refused before they reach us', async () => {
    const unknown = await exchange(port, frame('Expect: 200-maybe\r\nContent-Length: 19', BODY))
    expect(unknown.answers.map(({ status }) => status)).toEqual([417])
    const hostless = await exchange(port, 'GET /v1/models HTTP/1.1\r\nConnection: close\r\n\r\n')
    expect(hostless.answers.map(({ status }) => status)).toEqual([400])
    expect(await countOf('smuggled')).toBe(0)
  })

  test('paths outside the doors are refused in plain JSON', async () => {
    for (const target of [
      '/',
      '/nothing',
      '//v1/models',
      '/%2e%2e',
      '/v2/models',
      '/docs/static/..%2f..%2fpackage.json',
      '*',
    ]) {
      const { answers } = await exchange(port, get(target).replace(/^GET \*/, 'OPTIONS *'))
      expect(answers).toHaveLength(1)
      for (const answer of answers) expect(expectNeutralRefusal(answer, [404])).toContain('there is nothing at')
    }
  })

  test('what is not there is named in a way that can forge no log line and no terminal escape', async () => {
    const { answers } = await exchange(port, get('/v1/nothing/%0d%0aINFO%20all%20is%20well%1b[2J\xe2\x80\xae'))
    expect(answers).toHaveLength(1)
    for (const answer of answers) expect(expectRefusal(answer)).not.toMatch(/[\p{Cc}\u202e]/u)
    const escaped = await exchange(port, get('/v1/models/%0d%0aINFO%1b[2J%E2%80%AE'))
    for (const answer of escaped.answers) expect(expectRefusal(answer)).not.toMatch(/[\p{Cc}\u202e]/u)
  })
})

describe('floods', () => {
  test('hundreds of connections that say nothing, or half a line, keep nobody out', async () => {
    const silent = await Promise.all(Array.from({ length: 300 }, () => open(port)))
    for (const [index, connection] of silent.entries()) {
      if (index % 2 === 0) connection.send(`GET /v1/models HTTP/1.1\r\nX-Slow: ${index}`)
    }
    const { answers } = await exchange(port, `GET /v1/models HTTP/1.1\r\n${auth}Connection: close\r\n\r\n`)
    expect(answers.map(({ status }) => status)).toEqual([200])
    await Promise.all(silent.map(connection => connection.close()))
  })
})
