import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { collectLogs } from '../support/logs.ts'
import { exchange } from '../support/raw-http.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry

afterEach(() => r.close())

interface Line {
  level: number
  msg: string
  requestId?: string
  [field: string]: unknown
}

async function start(level: string) {
  const logs = collectLogs(level)
  r = await startRegistry({}, { logger: logs.logger })
  const url = await r.listen()
  const lines = () =>
    logs
      .text()
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as Line)
  /** The lines about one request, once there are as many as expected. */
  const about = async (id: string, count = 1) => {
    const find = () => lines().filter(({ requestId }) => requestId === id)
    await expect.poll(() => find().length).toBe(count)
    return find()
  }
  const ask = (
    path: string,
    id: string,
    more: { method?: string; body?: string | Buffer; key?: string | undefined } = {},
  ) => {
    const { method = 'GET', body, key = r.writer.key } = more
    const headers = {
      authorization: `Bearer ${key}`,
      'x-request-id': id,
      ...(typeof body === 'string' && { 'content-type': 'application/json' }),
    }
    return fetch(`${url}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    })
  }
  return { url, lines, about, ask, text: logs.text }
}

test('each request has one line: method, route pattern, status, time, bytes, key and id', async () => {
  const { url, about, ask } = await start('info')
  const { id } = await keepModel(r.writer, { 'w.bin': 'x'.repeat(50_000) })
  const session = (await (await ask('/auth/session', 'who')).json()) as { apiKey?: { id: string } }
  const [line] = await about('who')
  expect(line).toEqual({
    level: 30,
    time: expect.any(Number),
    pid: process.pid,
    hostname: expect.any(String),
    requestId: 'who',
    method: 'GET',
    route: '/v1/auth/session',
    status: 200,
    ms: expect.any(Number),
    bytesIn: expect.any(Number),
    bytesOut: expect.any(Number),
    apiKeyId: r.writer.key?.split('_')[1],
    msg: 'request',
  })
  expect(session).toBeDefined()

  await (await ask(`/models/${id}/versions/1/files/w.bin`, 'down')).arrayBuffer()
  const [download] = await about('down')
  expect(download).toMatchObject({ route: '/v1/models/:id/versions/:version/files/*', status: 200 })
  expect(download?.['bytesOut']).toBeGreaterThan(50_000)
  expect(download?.['bytesOut']).toBeLessThan(52_000)

  await ask(`/models/${id}/versions`, 'draft', { method: 'POST' })
  await ask(`/models/${id}/versions/2/files/up.bin`, 'up', { method: 'PUT', body: Buffer.alloc(70_000) })
  const [upload] = await about('up')
  expect(upload?.['bytesIn']).toBeGreaterThan(70_000)
  expect(upload?.['bytesIn']).toBeLessThan(72_000)

  await ask('/models', 'refused', { key: 'nonsense' })
  expect(await about('refused')).toMatchObject([{ route: '/v1/models', status: 401, apiKeyId: null }])
  await ask('/nothing-here', 'lost')
  expect(await about('lost')).toMatchObject([{ route: 'none', status: 404 }])
  await ask('/models/%ZZ', 'crooked')
  expect(await about('crooked')).toMatchObject([{ route: 'none', status: 400 }])
  await ask('/models', 'wrong-method', { method: 'PATCH' })
  expect(await about('wrong-method')).toMatchObject([{ route: '/v1/models', status: 405 }])

  const broken = await exchange(url, 'GET /v1/models HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n')
  const [, brokenId = ''] = /x-request-id: (\S+)/.exec(broken) ?? []
  expect(await about(brokenId)).toMatchObject([{ method: null, route: 'none', status: 400 }])
})

test('bytes are those of one request each, also on a connection that is used again', async () => {
  const { url, about } = await start('info')
  const head = (id: string) =>
    `GET /v1/auth/session HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${r.reader.key}\r\nx-request-id: ${id}\r\n`
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  for (const id of ['one', 'two']) {
    socket.write(`${head(id)}\r\n`)
    await once(socket, 'data')
    await about(id)
  }
  socket.destroy()
  const [one] = await about('one')
  const [two] = await about('two')
  expect(two?.['bytesIn']).toBe(`${head('two')}\r\n`.length)
  expect(two?.['bytesOut']).toBe(one?.['bytesOut'])
})

test('a client that leaves shows: with its status where an answer had begun, without one before', async () => {
  const { url, about } = await start('info')
  const { id } = await keepModel(r.writer, { 'w.bin': Buffer.alloc(20_000_000) })
  const port = Number(new URL(url).port)
  const head = `host: x\r\nauthorization: Bearer ${r.writer.key}\r\n`
  const reader = connect(port, '127.0.0.1')
  reader.write(`GET /v1/models/${id}/versions/1/files/w.bin HTTP/1.1\r\n${head}x-request-id: left\r\n\r\n`)
  await once(reader, 'data')
  reader.destroy()
  expect(await about('left')).toMatchObject([{ status: 200, isComplete: false }])

  const writer = connect(port, '127.0.0.1')
  writer.write(
    `POST /v1/models HTTP/1.1\r\n${head}content-type: application/json\r\ncontent-length: 99\r\nx-request-id: half\r\n\r\n{"name"`,
  )
  await expect.poll(() => r.app.requestsInFlight()).toBe(1)
  writer.destroy()
  expect(await about('half')).toMatchObject([{ isComplete: false, route: '/v1/models' }])
})

describe('the levels', () => {
  const HEALTH = '/livez'

  async function probe(url: string, id: string) {
    await fetch(`${new URL(url).origin}${HEALTH}`, { headers: { 'x-request-id': id } })
  }

  test('warn: nothing about requests that went well or were refused', async () => {
    const { ask, lines } = await start('warn')
    await ask('/models', 'good')
    await ask('/nothing', 'bad')
    expect(lines()).toEqual([])
  })

  test('info: no line for health checks, and why a request was refused stays unsaid', async () => {
    const { url, ask, about, lines } = await start('info')
    await probe(url, 'health')
    await ask('/models', 'named', { method: 'POST', body: '{"name": 5}' })
    await about('named')
    expect(lines().filter(({ requestId }) => requestId === 'health')).toEqual([])
  })

  test('debug: health checks, the reason of a refusal without what was sent, and jobs', async () => {
    const { url, ask, about, lines, text } = await start('debug')
    await probe(url, 'health')
    expect(await about('health')).toMatchObject([{ level: 20, route: HEALTH, status: 200 }])
    await ask('/models', 'named', { method: 'POST', body: '{"name": "chosen-by-the-caller\\u0007"}' })
    expect(await about('named', 2)).toMatchObject([
      { level: 20, msg: 'request refused', status: 400, code: 'invalid_argument', fields: ['name'] },
      { level: 30, msg: 'request', status: 400 },
    ])
    expect(text()).not.toContain('chosen-by-the-caller')
    await expect.poll(() => lines().some(({ msg }) => msg.startsWith('job sweep-orphans all ran for '))).toBe(true)
  })

  test('trace: also the beginning of each request', async () => {
    const { ask, about } = await start('trace')
    await ask('/models?search=chosen', 'begun')
    expect(await about('begun', 2)).toMatchObject([
      { level: 10, msg: 'request began', method: 'GET', route: '/v1/models' },
      { level: 30, msg: 'request' },
    ])
  })

  test('trace: no query, no header, no body and no name of a caller’s choice', async () => {
    const { ask, about, text } = await start('trace')
    await ask('/models?apiKey=chosen-1&search=chosen-2', 'q')
    await ask('/models/chosen-3/versions/chosen-4/files/chosen-5', 'p')
    await ask('/models', 'b', { method: 'POST', body: '{"name": "chosen-6"}' })
    for (const id of ['q', 'b']) await about(id, 2)
    await about('p', 3)
    expect(text()).not.toContain('chosen-')
    expect(text()).not.toContain(String(r.writer.key?.split('_')[2]))
  })
})
