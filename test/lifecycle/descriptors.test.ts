/** A machine that gives few descriptors: connections stay below what there is, and nothing fails for want of them. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serve } from './server-process.ts'

const KEY = `ht_ak0lifecycle000_${'lifecycle'.repeat(4)}`

let dataDir: string
const opened: Socket[] = []
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'holotype-lifecycle-'))
})
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy()
  await rm(dataDir, { recursive: true, force: true })
})

async function openIdle(url: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  opened.push(socket)
  // Those on top of all are cut off.
  socket.on('error', () => {})
  await once(socket, 'connect')
}

/** For those who come while there is no place even to say so. */
const CUT_OFF = new Response('', { status: 503, headers: { 'retry-after': '1' } })

function caller(url: string) {
  return async (method: string, path: string, body?: string) => {
    const type = path.includes('/files/') ? {} : { 'content-type': 'application/json' }
    const headers = { authorization: `Bearer ${KEY}`, ...(body !== undefined && type) }
    const sent = fetch(`${url}/v1${path}`, { method, headers, ...(body !== undefined && { body }) })
    const answer = await sent.catch(() => CUT_OFF.clone())
    const text = await answer.text()
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: text }
  }
}

test.each([
  ['say nothing', async () => {}],
  ['begin to ask', async () => void opened.at(-1)?.write('GET /v1/models HTTP/1.1\r\nX-Half: ')],
])('with 128 descriptors and 80 connections that %s, uploads succeed', async (_what, speak) => {
  await using server = await serve(dataDir, { HOLOTYPE_ADMIN_KEY: KEY }, { descriptors: 128 })
  const call = caller(server.url)
  const { id } = JSON.parse((await call('POST', '/models', '{"name":"m"}')).body)
  await call('POST', `/models/${id}/versions`)
  for (let index = 0; index < 80; index++) {
    await openIdle(server.url)
    await speak()
  }
  const upload = (n: number) => call('PUT', `/models/${id}/versions/1/files/${n}`, `bytes ${n}`)
  for (let n = 0; n < 10; n++) await expect.poll(async () => (await upload(n)).status, { timeout: 20_000 }).toBe(200)
  const all = await Promise.all(Array.from({ length: 10 }, (_, n) => upload(100 + n)))
  // Room is made for all of them at once, or they are told when to come again.
  for (const { status, retryAfter } of all) if (status !== 200) expect([status, retryAfter]).toEqual([503, '1'])
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  expect(await server.end('SIGTERM')).toBe(0)
  expect((await server.output()).stderr).not.toMatch(/EMFILE|failed/)
})

test('a stop does not wait for a reader that takes nothing, nor for an upload that sends nothing', async () => {
  await using server = await serve(dataDir, { HOLOTYPE_ADMIN_KEY: KEY, HOLOTYPE_DRAIN_SECONDS: '300' })
  const call = caller(server.url)
  const { id } = JSON.parse((await call('POST', '/models', '{"name":"m"}')).body)
  await call('POST', `/models/${id}/versions`)
  await call('PUT', `/models/${id}/versions/1/files/large`, 'x'.repeat(48 * 1024 * 1024))
  const head = `Host: h\r\nAuthorization: Bearer ${KEY}\r\n`
  for (const request of [
    `GET /v1/models/${id}/versions/1/files/large HTTP/1.1\r\n${head}\r\n`,
    `GET /v1/models/${id}/versions/1/archive HTTP/1.1\r\n${head}\r\n`,
    `PUT /v1/models/${id}/versions/1/files/b HTTP/1.1\r\n${head}Content-Length: 100\r\n\r\nhalf`,
  ]) {
    await openIdle(server.url)
    opened.at(-1)?.pause().write(request)
  }
  // The answers have begun when the requests after them are answered.
  for (let n = 0; n < 20; n++) await call('GET', '/models')
  const ended = await server.end('SIGTERM')
  expect(ended).toBe(0)
})
