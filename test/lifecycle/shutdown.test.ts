import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run, serve } from './server-process.ts'
import { startUpload } from './slow-upload.ts'

const KEY = `ht_ak0lifecycle000_${'lifecycle'.repeat(4)}`
const PRESET = { HOLOTYPE_ADMIN_KEY: KEY }

let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'holotype-lifecycle-'))
})

afterEach(() => rm(dataDir, { recursive: true, force: true }))

test('a stop finishes the upload in flight, is not ready meanwhile, and ends with 0 (R29)', async () => {
  await using server = await serve(dataDir, PRESET)
  const { id } = await post(server.url, '/models', { name: 'a model' })
  await post(server.url, `/models/${id}/versions`)
  const upload = await startUpload(`${server.url}/v1/models/${id}/versions/1/files/a.bin`, KEY, 'first half, ')
  // A question that the server has begun to hear: a new connection would be refused by now.
  const asking = connect(Number(new URL(server.url).port), '127.0.0.1')
  await once(asking, 'connect')
  asking.write('GET /readyz HTTP/1.1\r\nhost: localhost\r\n')
  await isRefusing(server.url, () => server.child.kill('SIGTERM'))
  asking.end('connection: close\r\n\r\n')
  expect(await text(asking)).toMatch(/^HTTP\/1\.1 503 /)
  expect(await upload.finish('second half')).toMatchObject({ status: 200, body: { size: 23 } })
  expect(await server.output()).toMatchObject({
    code: 0,
    stderr: 'stopping: waiting up to 60 s for 1 request in flight; a second Ctrl-C or SIGTERM ends at once\n',
  })

  await using next = await serve(dataDir)
  const answer = await fetch(`${next.url}/v1/models/${id}/versions/1/files/a.bin`, authorized)
  expect(await answer.text()).toBe('first half, second half')
})

test('an upload that outlasts the time for it is cut off, and leaves nothing (R29)', async () => {
  await using server = await serve(dataDir, { ...PRESET, HOLOTYPE_DRAIN_SECONDS: '0' })
  const { id } = await post(server.url, '/models', { name: 'a model' })
  await post(server.url, `/models/${id}/versions`)
  const upload = await startUpload(`${server.url}/v1/models/${id}/versions/1/files/a.bin`, KEY, 'first half, ')
  const cutOff = expect(upload.finished).rejects.toThrow()
  expect(await server.end('SIGTERM')).toBe(1)
  await cutOff
  await using next = await serve(dataDir)
  const listed = await fetch(`${next.url}/v1/models/${id}/versions/1/files`, authorized)
  expect(await listed.json()).toMatchObject({ items: [] })
  expect(await run(['verify', '--json', '--data-dir', dataDir])).toMatchObject({ code: 0 })
})

test('a stop without anything to do ends with 0 at once', async () => {
  await using server = await serve(dataDir)
  expect(await server.end('SIGINT')).toBe(0)
})

const authorized = { headers: { authorization: `Bearer ${KEY}` } }

async function post(url: string, path: string, body?: object): Promise<{ id: string }> {
  const headers = { ...authorized.headers, 'content-type': 'application/json' }
  const payload = body && { body: JSON.stringify(body) }
  const answer = await fetch(`${url}/v1${path}`, { method: 'POST', headers, ...payload })
  expect(answer.status).toBe(200)
  return (await answer.json()) as { id: string }
}

/** Does something that makes the server refuse new connections, and waits until it does. */
async function isRefusing(url: string, cause: () => void): Promise<void> {
  const probe = () =>
    new Promise<boolean>(resolve => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      socket.once('connect', () => resolve(false)).once('error', () => resolve(true))
      socket.once('connect', () => socket.destroy())
    })
  cause()
  await expect.poll(probe, { timeout: 20_000, interval: 10 }).toBe(true)
}

test('connections on which nothing is asked do not hold up a stop', async () => {
  await using server = await serve(dataDir)
  const silent = connect(Number(new URL(server.url).port), '127.0.0.1')
  const halfAsked = connect(Number(new URL(server.url).port), '127.0.0.1')
  await Promise.all([once(silent, 'connect'), once(halfAsked, 'connect')])
  // They are cut off, which is no failure here.
  for (const socket of [silent, halfAsked]) socket.on('error', () => {})
  halfAsked.write('GET /livez HTTP/1.1\r\nhost: loc')
  server.child.kill('SIGTERM')
  expect(await server.output()).toMatchObject({ code: 0, stderr: '' })
})
