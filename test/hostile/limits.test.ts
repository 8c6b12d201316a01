/** What one caller may take of the server, by key and by address, as seen from outside. */
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Environment } from '../../src/domain/settings.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'
import { expectRefusal } from './answers.ts'
import { exchange, open, type RawAnswer, type RawConnection } from './raw-http.ts'

let registry: TestRegistry
let port: number
let draft: string
let file: string
const opened: RawConnection[] = []

async function start(env: Environment): Promise<void> {
  registry = await startRegistry(env)
  port = Number(new URL(await registry.listen()).port)
  const { id } = await keepModel(registry.admin, { 'w.bin': 'weights' })
  await registry.admin.post(`/models/${id}/versions`)
  file = `/v1/models/${id}/versions/1/files/w.bin`
  draft = `/v1/models/${id}/versions/2`
}
beforeEach(() => {
  opened.length = 0
})
afterEach(async () => {
  await Promise.all(opened.map(connection => connection.close()))
  await registry.close()
})

async function connect(): Promise<RawConnection> {
  const connection = await open(port)
  opened.push(connection)
  return connection
}

const headersOf = (key: string | undefined, more = '') => `Host: h\r\nAuthorization: Bearer ${key}\r\n${more}`

async function get(key: string | undefined, more = '', path = '/v1/models'): Promise<RawAnswer> {
  const { answers } = await exchange(port, `GET ${path} HTTP/1.1\r\n${headersOf(key, more)}Connection: close\r\n\r\n`)
  const [answer] = answers
  if (!answer) throw new Error('no answer came')
  return answer
}

/** An upload that was let in, and goes no further by itself. Waits for the end of those before it. */
async function beginUpload(key: string | undefined, name: string): Promise<RawConnection> {
  const headers = headersOf(key, 'Content-Length: 10\r\nExpect: 100-continue\r\n')
  const begin = async () => {
    const connection = await connect()
    connection.send(`PUT ${draft}/files/${name} HTTP/1.1\r\n${headers}\r\n`)
    const { answers } = await connection.read({ answers: 1 })
    return { connection, status: answers[0]?.status }
  }
  let begun = await begin()
  for (let attempt = 0; attempt < 200 && begun.status === 429; attempt++) {
    await setTimeout(20)
    begun = await begin()
  }
  expect(begun.status).toBe(100)
  begun.connection.send('half ')
  return begun.connection
}

const statusOf = async (key: string | undefined) => (await get(key)).status

describe('open requests of a key', () => {
  beforeEach(() => start({ HOLOTYPE_MAX_OPEN_REQUESTS_PER_KEY: '3' }))

  test('beyond the limit are 429 in the words of the door, and do not touch another key', async () => {
    const { writer, reader } = registry
    const uploads = await Promise.all(['a', 'b', 'c'].map(name => beginUpload(writer.key, name)))
    const answer = await get(writer.key)
    expect(expectRefusal(answer, [429])).toBe('this key has 3 requests under way already; wait for some to end')
    expect(JSON.parse(answer.body.toString()).code).toBe('TOO_MANY_REQUESTS')
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/)
    expect(answer.headers['ratelimit-policy']).toBe('"open-requests";q=3;qu="concurrent-requests"')
    expect(answer.headers['ratelimit']).toBe('"open-requests";r=0')
    expect(await statusOf(reader.key)).toBe(200)
    for (const upload of uploads) upload.send('half!')
    await expect.poll(() => statusOf(writer.key)).toBe(200)
  })

  test.each<[string, (upload: RawConnection) => void]>([
    ['end', upload => upload.send('half!')],
    ['are left politely', upload => void upload.socket.end()],
    ['are left without a word', upload => void upload.socket.destroy()],
    ['are reset', upload => void upload.socket.resetAndDestroy()],
  ])('that %s make room again, each time', async (_how, leave) => {
    const { writer } = registry
    for (let round = 0; round < 3; round++) {
      const uploads = await Promise.all(['a', 'b', 'c'].map(name => beginUpload(writer.key, name)))
      expect(await statusOf(writer.key)).toBe(429)
      uploads.forEach(leave)
      await expect.poll(() => statusOf(writer.key)).toBe(200)
    }
  })

  test('that were refused are not counted', async () => {
    const { reader } = registry
    for (let attempt = 0; attempt < 10; attempt++) {
      expect((await get(reader.key, '', '/v1/nothing')).status).toBe(404)
      expect((await get(reader.key, '', '/v1/models?limit=x')).status).toBe(400)
      expect((await get(reader.key, '', '/v1/teams')).status).toBe(403)
    }
    expect(await statusOf(reader.key)).toBe(200)
  })
})

const from = (address: string) => `X-Forwarded-For: ${address}\r\n`

describe('logins that fail', () => {
  const WRONG = `ht_ak0123456789abc_${'x'.repeat(40)}`

  test.each([
    ['a key that is none', 'nonsense'],
    ['a key that nobody has', WRONG],
  ])('with %s are 429 after some of an address, and a good key goes on', async (_what, key) => {
    await start({ HOLOTYPE_FAILED_LOGINS_PER_MINUTE: '5' })
    const statuses: number[] = []
    for (let attempt = 0; attempt < 6; attempt++) statuses.push(await statusOf(key))
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    const answer = await get(key)
    expect(expectRefusal(answer, [429])).toMatch(/^too many requests from this address .*; try again in \d+ s$/)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect(answer.headers['ratelimit-policy']).toBe('"failed-logins";q=5;w=60')
    expect(answer.headers['ratelimit']).toMatch(/^"failed-logins";r=0;t=\d+$/)
    expect(await statusOf(registry.reader.key)).toBe(200)
  })

  test('with an Authorization header that nobody can read count too', async () => {
    await start({ HOLOTYPE_FAILED_LOGINS_PER_MINUTE: '2' })
    const attempt = async () => {
      const { answers } = await exchange(
        port,
        'GET /v1/models HTTP/1.1\r\nHost: h\r\nAuthorization: Basic eA==\r\nConnection: close\r\n\r\n',
      )
      return answers[0]?.status
    }
    expect([await attempt(), await attempt(), await attempt()]).toEqual([401, 401, 429])
  })

  test('of another address are counted by themselves only where the proxy is trusted', async () => {
    await start({ HOLOTYPE_FAILED_LOGINS_PER_MINUTE: '2', HOLOTYPE_TRUSTED_PROXIES: '127.0.0.0/8, ::1' })
    const attempt = async (address: string) => (await get(WRONG, from(address))).status
    for (const address of ['192.0.2.1', '192.0.2.2', '2001:db8::1']) {
      expect([await attempt(address), await attempt(address), await attempt(address)]).toEqual([401, 401, 429])
    }
    // The whole /64 is one caller; what stands left of the trusted hop is the caller's own word.
    expect(await attempt('2001:db8::ffff')).toBe(429)
    expect(await attempt('2001:db8:0:1::1')).toBe(401)
    expect(await attempt('198.51.100.7, 192.0.2.1')).toBe(429)
  })

  test('can not be spread over addresses that only the caller names', async () => {
    await start({ HOLOTYPE_FAILED_LOGINS_PER_MINUTE: '2' })
    const statuses = []
    for (let n = 0; n < 4; n++) statuses.push((await get(WRONG, from(`192.0.2.${n}`))).status)
    expect(statuses).toEqual([401, 401, 429, 429])
  })
})

describe('requests a minute', () => {
  test('of a key are counted, told in every answer, and 429 beyond the limit', async () => {
    await start({ HOLOTYPE_REQUESTS_PER_MINUTE_PER_KEY: '60' })
    const { reader, writer } = registry
    const first = await get(reader.key)
    expect(first.status).toBe(200)
    expect(first.headers['ratelimit-policy']).toBe('"key";q=60;w=60')
    expect(first.headers['ratelimit']).toMatch(/^"key";r=59;t=1$/)
    let answer = first
    for (let n = 0; n < 200 && answer.status === 200; n++) answer = await get(reader.key)
    expect(expectRefusal(answer, [429])).toMatch(/^this key may send 60 requests a minute; try again in 1 s$/)
    expect(answer.headers['retry-after']).toBe('1')
    expect(answer.headers['ratelimit']).toMatch(/^"key";r=0;t=\d+$/)
    expect(await statusOf(writer.key)).toBe(200)
  })

  test('of an address are counted whatever key they have, and files too', async () => {
    await start({
      HOLOTYPE_REQUESTS_PER_MINUTE_PER_ADDRESS: '10',
      HOLOTYPE_REQUESTS_PER_MINUTE_PER_KEY: '1000',
      HOLOTYPE_TRUSTED_PROXIES: '127.0.0.1',
    })
    const { reader, writer } = registry
    const first = await get(reader.key, from('192.0.2.1'), file)
    expect(first.headers['ratelimit-policy']).toBe('"address";q=10;w=60, "key";q=1000;w=60')
    expect(first.headers['ratelimit']).toMatch(/^"address";r=9;t=\d+, "key";r=9\d\d;t=\d+$/)
    let answer = first
    for (let n = 0; n < 50 && answer.status === 200; n++) answer = await get(writer.key, from('192.0.2.1'), file)
    expect(expectRefusal(answer, [429])).toMatch(/^this address may send 10 requests a minute/)
    expect((await get(reader.key, from('192.0.2.2'))).status).toBe(200)
    const health = await exchange(
      port,
      `GET /livez HTTP/1.1\r\nHost: h\r\n${from('192.0.2.1')}Connection: close\r\n\r\n`,
    )
    expect(health.answers.map(({ status }) => status)).toEqual([200])
  })

  test('are not limited, nor told of, unless it is asked for', async () => {
    await start({})
    const answers = await Promise.all(Array.from({ length: 200 }, () => get(registry.reader.key)))
    for (const { status, headers } of answers) expect([status, headers['ratelimit']]).toEqual([200, undefined])
  })
})

describe('connections', () => {
  test('beyond the limit of an address are told so and ended, and others are served', async () => {
    await start({ HOLOTYPE_MAX_CONNECTIONS_PER_ADDRESS: '5' })
    const held = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(name => beginUpload(registry.writer.key, name)))
    await expect.poll(() => statusOf(registry.reader.key)).toBe(429)
    const answer = await get(registry.reader.key)
    expect(expectRefusal(answer, [429])).toBe('more than 5 connections are open from this address; close some first')
    expect(answer.headers['connection']).toBe('close')
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/)
    await held[0]?.close()
    await expect.poll(() => statusOf(registry.reader.key)).toBe(200)
  })

  test('of a trusted proxy, which speaks for many, are limited only all together', async () => {
    await start({ HOLOTYPE_MAX_CONNECTIONS_PER_ADDRESS: '5', HOLOTYPE_TRUSTED_PROXIES: '127.0.0.1' })
    await Promise.all(Array.from({ length: 20 }, connect))
    expect(await statusOf(registry.reader.key)).toBe(200)
  })

  test.each<[string, Environment]>([
    ['when all places are taken', { HOLOTYPE_MAX_CONNECTIONS: '10', HOLOTYPE_MAX_CONNECTIONS_PER_ADDRESS: '1000' }],
    ['of their address', { HOLOTYPE_MAX_CONNECTIONS_PER_ADDRESS: '10' }],
    ['when both are', { HOLOTYPE_MAX_CONNECTIONS: '20', HOLOTYPE_MAX_CONNECTIONS_PER_ADDRESS: '10' }],
  ])('that nobody uses make room %s', async (_what, env) => {
    await start(env)
    const silent = await Promise.all(Array.from({ length: 30 }, connect))
    for (const connection of silent.slice(0, 15)) connection.send('GET /v1/models HTTP/1.1\r\nX-Half: ')
    const ask = () => Promise.all(Array.from({ length: 8 }, () => statusOf(registry.reader.key)))
    await expect.poll(ask).toEqual(Array(8).fill(200))
  })

  test('that are all in use are told so, and there is room again when they end', async () => {
    await start({ HOLOTYPE_MAX_CONNECTIONS: '4', HOLOTYPE_MAX_CONNECTIONS_PER_ADDRESS: '1000' })
    const uploads = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name, index) => beginUpload([registry.writer, registry.admin][index % 2]?.key, name)),
    )
    await expect.poll(() => statusOf(registry.reader.key)).toBe(503)
    const answer = await get(registry.reader.key)
    expect(JSON.parse(answer.body.toString())).toEqual({
      code: 'INTERNAL_SERVER_ERROR',
      message: 'all connections that the server can hold are in use; try again',
    })
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/)
    for (const upload of uploads) upload.send('half!')
    for (const upload of uploads) {
      expect((await upload.read({ answers: 2 })).answers.map(({ status }) => status)).toEqual([100, 200])
    }
    await expect.poll(() => statusOf(registry.reader.key)).toBe(200)
  })
})
