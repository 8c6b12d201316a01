/** What stands between somebody and their registry, found by one command. */

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { VERSION } from '../../src/app.ts'
import { type Desk, run, startDesk } from './support.ts'

let desk: Desk

beforeAll(async () => {
  desk = await startDesk()
})

afterAll(() => desk[Symbol.asyncDispose]())

interface Answer {
  isOk: boolean
  checks: Array<{ name: string; state: string; found: string; advice?: string }>
}

async function examine(env: Record<string, string>) {
  const { code, stdout, stderr } = await run(['doctor', '--json'], { env: { ...desk.env, ...env } })
  const answer: Answer = JSON.parse(stdout)
  const stateOf = (name: string) => answer.checks.find(check => check.name === name)
  expect(stdout + stderr).not.toContain(desk.env['HOLOTYPE_API_KEY'])
  return { code, answer, stateOf }
}

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

test('all is well', async () => {
  const { code, stdout } = await desk.holotype('doctor')
  expect(code).toBe(0)
  const lines = stdout.trimEnd().split('\n')
  for (const line of lines.filter(line => !line.includes('disk'))) expect(line).toMatch(/^ok +\w+ +\S/)
  expect(stdout).toContain(`this is ${VERSION}, the registry ${VERSION}`)
  expect(stdout).toContain('database and stores answer')
  expect(stdout).toMatch(/role +admin, without end/)
  const { answer } = await examine({})
  expect(answer).toMatchObject({ isOk: true, url: desk.url })
})

test.each(['reader', 'writer'] as const)('a %s is told so', async role => {
  const { code, stateOf } = await examine({ HOLOTYPE_API_KEY: desk.registry[role].key ?? '' })
  expect({ code, found: stateOf('role')?.found }).toEqual({ code: 0, found: role })
})

test('a key that ends soon is a warning', async () => {
  const { key } = await desk.json('key', 'create', '-n', 'short', '--role', 'admin', '--expires', '2d')
  const { code, stateOf } = await examine({ HOLOTYPE_API_KEY: key })
  expect(code).toBe(0)
  expect(stateOf('role')).toMatchObject({ state: 'warn', advice: expect.stringContaining('holotype key create') })
})

test('a wrong key, no login and a registry that is not there each have their exit code', async () => {
  const wrong = await examine({ HOLOTYPE_API_KEY: 'ht_akabcdefghijklm_0123456789abcdef0123456789abcdef' })
  expect(wrong).toMatchObject({ code: 3, answer: { isOk: false } })
  expect(wrong.stateOf('key')).toMatchObject({ state: 'fail', advice: expect.stringContaining('holotype login') })
  expect(wrong.stateOf('health')).toMatchObject({ state: 'ok' })

  const { code, stdout, stderr } = await run(['doctor'], { env: { XDG_CONFIG_HOME: join(desk.dir, 'none') } })
  expect({ code, stderr }).toEqual({ code: 3, stderr: 'error: 1 check failed\n' })
  expect(stdout).toMatch(/^fail {2}login +not logged in to http:\/\/127\.0\.0\.1:8080\n {6}Log in first: /)

  const gone = await serve(() => {})
  await gone[Symbol.asyncDispose]()
  const away = await examine({ HOLOTYPE_URL: gone.url })
  expect(away.code).toBe(7)
  expect(away.stateOf('reach')).toMatchObject({ state: 'fail', found: 'cannot reach it: nothing listens there' })
})

test('something else that answers is not taken for a registry', async () => {
  for (const [listener, found] of [
    [(_request, response) => response.end('<html>welcome</html>'), 'status 200'],
    [
      (_request, response) => response.writeHead(302, { location: 'https://sso.example.com/', via: '1.1 gate' }).end(),
      'status 302, sends to https://sso.example.com/',
    ],
    [(_request, response) => response.writeHead(502).end(), 'status 502'],
  ] satisfies Array<[RequestListener, string]>) {
    await using other = await serve(listener)
    const { code, stateOf } = await examine({ HOLOTYPE_URL: other.url })
    expect(code).toBe(7)
    expect(stateOf('reach')?.found).toContain(found)
    if (found.includes('302')) expect(stateOf('proxies')?.found).toContain('via 1.1 gate')
  }
})

/** A registry with something wrong. */
const failing =
  (headers: Record<string, string>, { ready = 200, version = VERSION } = {}): RequestListener =>
  (request, response) => {
    const answers: Record<string, [number, unknown]> = {
      '/livez': [200, { status: 'ok' }],
      '/readyz': [ready, { status: ready === 200 ? 'ok' : 'unavailable' }],
      '/openapi.json': [200, { info: { version } }],
    }
    const [status, body] = answers[request.url ?? ''] ?? [200, null]
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }

test.each([
  ['ahead of', -90_000],
  ['behind', 3_600_000],
])('a clock that is %s the other is a warning', async (words, offset) => {
  await using other = await serve(failing({ date: new Date(Date.now() + offset).toUTCString() }))
  const { stateOf } = await examine({ HOLOTYPE_URL: other.url })
  expect(stateOf('clock')).toMatchObject({ state: 'warn', found: expect.stringContaining(`s ${words} the registry's`) })
})

test('a registry that is not ready, or of another release, is told', async () => {
  await using other = await serve(failing({ 'ratelimit-policy': '"key";q=100;w=60' }, { ready: 503, version: '7.1.0' }))
  const { code, stateOf } = await examine({
    HOLOTYPE_URL: other.url,
    HTTPS_PROXY: 'http://proxy:3128',
  })
  expect(code).toBe(1)
  expect(stateOf('health')).toMatchObject({ state: 'fail', found: expect.stringContaining('status 503') })
  expect(stateOf('versions')).toMatchObject({ state: 'warn', found: `this is ${VERSION}, the registry 7.1.0` })
  expect(stateOf('limits')?.found).toBe('"key";q=100;w=60')
  expect(stateOf('proxies')?.found).toBe('HTTPS_PROXY in the environment')
})
