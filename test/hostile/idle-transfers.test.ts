/** Who takes nothing, or sends nothing, is ended by a limit, in both directions; who is only slow is not. */
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'
import { expectRefusal } from './answers.ts'
import { exchange, open, type RawConnection } from './raw-http.ts'

const MIB = 1024 * 1024
/** More than all the buffers between two sockets hold. */
const LARGE = 48 * MIB

let registry: TestRegistry
let port: number
let auth: string
let version: string

beforeAll(async () => {
  registry = await startRegistry({
    HOLOTYPE_IDLE_DOWNLOAD_SECONDS: '1',
    HOLOTYPE_JSON_BODY_SECONDS: '1',
    HOLOTYPE_HEADERS_SECONDS: '1',
    HOLOTYPE_KEEP_ALIVE_SECONDS: '2',
  })
  port = Number(new URL(await registry.listen()).port)
  auth = `Host: h\r\nAuthorization: Bearer ${registry.admin.key}\r\n`
  const { id } = await keepModel(registry.admin, { large: Buffer.alloc(LARGE, 'holotype'), small: 'x' })
  version = `/v1/models/${id}/versions/1`
})
afterAll(() => registry.close())

/** Everything is sent at once, and no answer is read. */
async function askWithoutReading(requests: string): Promise<RawConnection> {
  const connection = await open(port)
  connection.socket.pause()
  connection.send(requests)
  return connection
}

const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\n${auth}${headers}\r\n`

function connectionsOfServer(): Promise<number> {
  return new Promise((resolve, reject) => {
    registry.app.server.server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
  })
}

describe('readers that take nothing', () => {
  test.each<[string, () => string]>([
    ['a file', () => get(`${version}/files/large`)],
    ['a range', () => get(`${version}/files/large`, `Range: bytes=1-${LARGE - 2}\r\n`)],
    ['an archive', () => get(`${version}/archive`)],
    ['many answers, asked for in one go', () => get('/openapi.json').repeat(300)],
  ])('of %s are ended', async (_what, make) => {
    await using connection = await askWithoutReading(make())
    await expect.poll(connectionsOfServer).toBeGreaterThan(0)
    await expect.poll(connectionsOfServer, { timeout: 20_000 }).toBe(0)
    const ended = once(connection.socket, 'close').catch(error => [error])
    connection.socket.resume()
    await ended
  })

  test('are ended all together, and the files that they held are closed', async () => {
    const readers = await Promise.all(
      Array.from({ length: 50 }, () => askWithoutReading(get(`${version}/files/large`))),
    )
    // On a busy machine the first may be over before the last has come.
    await expect.poll(connectionsOfServer).toBeGreaterThan(0)
    await expect.poll(connectionsOfServer, { timeout: 20_000 }).toBe(0)
    await Promise.all(readers.map(reader => reader.close()))
  })
})

test('a reader that pauses now and then, for less than the limit, gets every byte', async () => {
  await using connection = await open(port)
  connection.send(get(`${version}/files/large`, 'Connection: close\r\n'))
  for (let pause = 1; pause <= 5; pause++) {
    const read = () => connection.socket.bytesRead
    await expect.poll(read, { interval: 1, timeout: 20_000 }).toBeGreaterThan(pause * 8 * MIB)
    connection.socket.pause()
    await setTimeout(400)
    connection.socket.resume()
  }
  const { answers } = await connection.read({ timeoutMs: 25_000 })
  expect(answers.map(({ status, body }) => [status, body.length])).toEqual([[200, LARGE]])
})

describe('a body that is no file', () => {
  const post = (path: string) =>
    `POST ${path} HTTP/1.1\r\n${auth}Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{"name":"`

  test.each([
    ['of a new model', '/v1/models'],
    ['of a new key', '/v1/api-keys'],
  ])('%s has its time, however steadily it trickles', async (_what, path) => {
    await using connection = await open(port)
    connection.send(post(path))
    const trickle = setInterval(() => connection.send('x'.repeat(200)), 50)
    const { answers, closed } = await connection.read()
    clearInterval(trickle)
    expect(closed).toBe(true)
    expect(answers.map(answer => expectRefusal(answer, [408]))).toEqual([
      'the body took longer than 1 seconds to arrive; send it again',
    ])
  })

  test('and nothing of it is done', async () => {
    expect((await registry.admin.get('/models?name=x')).json().items).toEqual([])
  })

  test('while a file may take longer', async () => {
    const { id } = (await registry.admin.post('/models', { name: 'slow' })).json()
    await registry.admin.post(`/models/${id}/versions`)
    await using connection = await open(port)
    connection.send(`PUT /v1/models/${id}/versions/1/files/a HTTP/1.1\r\n${auth}Content-Length: 25\r\n\r\n`)
    for (let part = 0; part < 5; part++) {
      await setTimeout(500)
      connection.send('bytes')
    }
    const { answers } = await connection.read({ answers: 1 })
    expect(answers.map(({ status }) => status)).toEqual([200])
  })
})

test.each([
  ['half a request line', 'GET /v1/mod'],
  ['half a header', 'GET /v1/models HTTP/1.1\r\nHost: h\r\nX-A: '],
  ['nothing', ''],
])('a connection on which %s has come is ended in time', async (_what, bytes) => {
  const { answers, closed } = await exchange(port, bytes, { timeoutMs: 20_000 })
  expect(closed).toBe(true)
  for (const { status } of answers) expect(status).toBe(408)
})

test('a connection without a request is kept as long as the setting says, and says so', async () => {
  const { answers, closed } = await exchange(port, get('/v1/models'), { timeoutMs: 20_000 })
  expect(closed).toBe(true)
  expect(answers.map(({ headers }) => headers['keep-alive'])).toEqual(['timeout=2'])
})
