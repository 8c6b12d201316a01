/** Clients that dawdle, stall or leave (S65): those that stand still are ended, the others are waited for, and neither costs memory. */
import { once } from 'node:events'
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type App, createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { databaseEnvironment, dropDatabaseOf } from '../support/databases.ts'
import { expectRefusal } from './answers.ts'
import { exchange, open, type RawConnection } from './raw-http.ts'

const MIB = 1024 * 1024
const LARGE = 64 * MIB
const WINDOW_MS = 150

let app: App
let dataDir: string
let port: number
let model: string
let draft: string
const serverSockets = new Set<Socket>()

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'holotype-test-'))
  const database = await databaseEnvironment(dataDir)
  const config = readConfig({
    HOLOTYPE_DATA_DIR: dataDir,
    HOLOTYPE_PORT: '0',
    HOLOTYPE_LOG_LEVEL: 'silent',
    ...database,
  })
  app = await createApp({
    ...config,
    transfers: { ...config.transfers, uploadMinBytes: 100, uploadWindowMs: WINDOW_MS },
  })
  port = Number(new URL(await app.listen()).port)
  app.server.server.on('connection', socket => {
    serverSockets.add(socket)
    socket.once('close', () => serverSockets.delete(socket))
  })
  model = `/v1/models/${(await call('POST', '/v1/models', '{"name":"slow"}')).id}`
  await call('POST', `${model}/versions`)
  await call('PUT', `${model}/versions/1/files/large`, Buffer.alloc(LARGE, 'holotype'))
  await call('PUT', `${model}/versions/1`, '{"isCommitted":true}')
})
beforeEach(async () => {
  draft = `${model}/versions/${(await call('POST', `${model}/versions`)).version}`
})
afterAll(async () => {
  await app.close()
  await rm(dataDir, { recursive: true })
  await dropDatabaseOf(dataDir)
})

const auth = () => `Host: h\r\nAuthorization: Bearer ${app.firstKey}\r\n`

async function call(method: 'GET' | 'POST' | 'PUT', url: string, payload?: string | Buffer) {
  const authorization = `Bearer ${app.firstKey}`
  const type = typeof payload === 'string' && { 'content-type': 'application/json' }
  const body = payload !== undefined && { payload }
  const answer = await app.server.inject({ method, url, headers: { authorization, ...type }, ...body })
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}

/** An upload that has begun and goes no further by itself. */
async function begin(framing: string, part: string): Promise<RawConnection> {
  const connection = await open(port)
  connection.send(`PUT ${draft}/files/slow HTTP/1.1\r\n${auth()}${framing}\r\n\r\n${part}`)
  return connection
}

/** That so many windows have passed is seen from uploads that stand still: each is ended at the end of one. */
async function passWindows(count: number): Promise<void> {
  for (let passed = 0; passed < count; passed++) {
    await using stalled = await begin('Content-Length: 1000', '')
    await stalled.read()
  }
}

/** What the registry keeps open below its data directory, besides the database. Undefined where the system doesn't tell. */
async function openFiles(): Promise<string[] | undefined> {
  const names = await readdir('/proc/self/fd').catch(() => undefined)
  const targets = await Promise.all((names ?? []).map(name => readlink(`/proc/self/fd/${name}`).catch(() => '')))
  return names && targets.filter(target => target.startsWith(dataDir) && !/\.(db|sqlite)|lock/.test(target))
}

const temporaryFiles = () => readdir(join(dataDir, 'tmp'))

describe('bodies that stand still', () => {
  test.each([
    ['an upload', () => begin('Content-Length: 100000', 'a beginning')],
    ['an upload in chunks', () => begin('Transfer-Encoding: chunked', '5\r\nbytes\r\n')],
    ['an upload of which nothing comes', () => begin('Content-Length: 1', '')],
  ])('%s is ended with 408, and nothing of it is kept', async (_what, start) => {
    await using connection = await start()
    const { answers, closed } = await connection.read()
    expect(answers.map(answer => expectRefusal(answer, [408]))).toEqual(['the body arrived too slowly; send it again'])
    expect(closed).toBe(true)
    expect((await call('GET', `${draft}/files`)).items).toEqual([])
    await expect.poll(temporaryFiles).toEqual([])
    await expect.poll(async () => (await openFiles()) ?? []).toEqual([])
  })

  test('half a JSON body is ended too', async () => {
    const head = `POST /v1/models HTTP/1.1\r\n${auth()}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n`
    const { answers } = await exchange(port, `${head}{"name":`)
    expect(answers.map(answer => expectRefusal(answer, [408]))).toHaveLength(1)
  })

  test("a byte now and then doesn't count as moving", async () => {
    await using connection = await begin('Content-Length: 100000', '')
    const trickle = setInterval(() => connection.send('x'), WINDOW_MS / 10)
    const { answers } = await connection.read()
    clearInterval(trickle)
    expect(answers.map(({ status }) => status)).toEqual([408])
  })
})

describe('clients that take their time', () => {
  test('a slow upload that keeps moving is taken, however many windows it needs', async () => {
    const part = 'x'.repeat(500)
    await using connection = await begin('Transfer-Encoding: chunked', '')
    let sent = 0
    const steady = setInterval(() => {
      connection.send(`1f4\r\n${part}\r\n`)
      sent++
    }, WINDOW_MS / 10)
    await passWindows(4)
    clearInterval(steady)
    connection.send('0\r\n\r\n')
    const { answers } = await connection.read({ answers: 1 })
    expect(answers.map(({ status, body }) => [status, JSON.parse(body.toString()).size])).toEqual([[200, sent * 500]])
  })

  test('a reader that pauses for many windows gets every byte in the end', async () => {
    await using connection = await open(port)
    connection.send(`GET ${model}/versions/1/files/large HTTP/1.1\r\n${auth()}Connection: close\r\n\r\n`)
    await once(connection.socket, 'data')
    connection.socket.pause()
    await passWindows(3)
    connection.socket.resume()
    const { answers } = await connection.read({ timeoutMs: 25_000 })
    expect(answers.map(({ status, body }) => [status, body.length])).toEqual([[200, LARGE]])
  })

  test('32 readers that never read hold no memory, and their leaving frees the files', async ctx => {
    if ((await openFiles()) === undefined) ctx.skip('this system has no /proc/self/fd')
    const before = process.memoryUsage().rss
    const earlier = new Set(serverSockets)
    const readers = await Promise.all(Array.from({ length: 32 }, () => open(port)))
    for (const reader of readers) {
      reader.socket.pause()
      reader.send(`GET ${model}/versions/1/files/large HTTP/1.1\r\n${auth()}\r\n`)
    }
    // All that fits between two sockets has been sent when nothing more is.
    let seen = -1
    const sentNow = () =>
      [...serverSockets].filter(socket => !earlier.has(socket)).reduce((n, s) => n + s.bytesWritten, 0)
    await expect
      .poll(
        () => {
          const stands = sentNow() === seen && sentNow() > 32 * 1000
          seen = sentNow()
          return stands
        },
        { timeout: 15_000, interval: 200 },
      )
      .toBe(true)
    expect(await openFiles()).toHaveLength(32)
    expect((process.memoryUsage().rss - before) / MIB).toBeLessThan(64)
    await Promise.all(readers.map(reader => reader.close()))
    await expect.poll(openFiles).toEqual([])
  })

  test('slow headers are ended by the clock of the HTTP server, which counts them although bodies have none', () => {
    const { headersTimeout, requestTimeout } = app.server.server
    expect(headersTimeout).toBeGreaterThan(0)
    expect(headersTimeout).toBeLessThanOrEqual(60_000)
    expect(requestTimeout).toBe(0)
  })
})

describe('clients that leave', () => {
  test.each([
    ['politely', (connection: RawConnection) => void connection.socket.end()],
    ['without a word', (connection: RawConnection) => void connection.socket.destroy()],
    ['with a reset', (connection: RawConnection) => void connection.socket.resetAndDestroy()],
  ])('an upload whose sender leaves %s keeps no temporary file and no open one', async (_how, leave) => {
    const connection = await begin(`Content-Length: ${LARGE}`, 'x'.repeat(3 * MIB))
    await expect.poll(async () => (await temporaryFiles()).length).toBe(1)
    leave(connection)
    await expect.poll(temporaryFiles).toEqual([])
    await expect.poll(async () => (await openFiles()) ?? []).toEqual([])
    expect((await call('GET', `${draft}/files`)).items).toEqual([])
  })

  test('a reader that leaves in the middle closes the file it was reading', async () => {
    const connection = await open(port)
    connection.send(`GET ${model}/versions/1/files/large HTTP/1.1\r\n${auth()}\r\n`)
    await once(connection.socket, 'data')
    connection.socket.resetAndDestroy()
    await expect.poll(async () => (await openFiles()) ?? []).toEqual([])
  })

  test('the same holds for an archive', async () => {
    const connection = await open(port)
    connection.send(`GET ${model}/versions/1/archive HTTP/1.1\r\n${auth()}\r\n`)
    await once(connection.socket, 'data')
    connection.socket.resetAndDestroy()
    await expect.poll(async () => (await openFiles()) ?? []).toEqual([])
  })
})
