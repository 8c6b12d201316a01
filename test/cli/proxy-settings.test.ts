/** Proxies that the environment names are used, with no other setting. */
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sendJson, sha256, startFakeRegistry } from './fake-registry.ts'
import { portOf } from './ports.ts'
import { run } from './support.ts'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holotype-proxy-'))
})

afterEach(() => rm(dir, { recursive: true, force: true }))

/** Answers for `registry.test`, which only it knows, by asking the target. Remembers what it was asked. */
async function startProxy(target: string, { login }: { login?: string } = {}) {
  const seen: string[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    seen.push(`${method} ${url}`)
    const isWelcome =
      login === undefined || headers['proxy-authorization'] === `Basic ${Buffer.from(login).toString('base64')}`
    if (!isWelcome) return void response.writeHead(407).end('<h1>Proxy Authentication Required</h1>')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const path = new URL(url).pathname + new URL(url).search
    const body = method === 'GET' ? {} : { body: Buffer.concat(chunks) }
    const answer = await fetch(`${target}${path}`, { method, ...body })
    const type = answer.headers.get('content-type')
    response.writeHead(answer.status, type === null ? {} : { 'content-type': type })
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  server.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`)
    socket.on('error', () => {})
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${portOf(server)}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const base = () => ({ HOLOTYPE_URL: 'http://registry.test', HOLOTYPE_API_KEY: 'ht_x', HOME: dir })

describe('a proxy', () => {
  test.each([
    ['HTTP_PROXY', 'http://'],
    ['http_proxy', 'http://'],
    ['http_proxy', ''],
  ])('that %s names, with %j before it, is asked for everything', async (name, scheme) => {
    const digest = sha256(`${sha256('right')}  5  w\n`)
    await using registry = await startFakeRegistry([{ path: 'w', bytes: 'right' }], ({ method, url }, response) => {
      if (method === 'POST') sendJson(response, 200, { version: '1', modelId: 'mofake000000000', isCommitted: false })
      else if (method === 'PUT')
        sendJson(
          response,
          200,
          url?.endsWith('/w')
            ? { path: 'w', size: 5, sha256: sha256('right') }
            : { version: '1', isCommitted: true, digest },
        )
      else return false
      return true
    })
    await using proxy = await startProxy(registry.url)
    const env = { ...base(), [name]: `${scheme}${proxy.host}` }
    expect(await run(['pull', 'fake', join(dir, 'target')], { env })).toMatchObject({ code: 0 })
    expect(await readFile(join(dir, 'target/w'), 'utf8')).toBe('right')
    await writeFile(join(dir, 'w'), 'right')
    expect(await run(['push', join(dir, 'w'), 'fake'], { env })).toMatchObject({ code: 0, stderr: '' })
    expect(proxy.seen.every(line => line.includes(' http://registry.test/v1/'))).toBe(true)
    expect(proxy.seen.some(line => line.startsWith('PUT '))).toBe(true)
  })

  test('with user and password gets them', async () => {
    await using registry = await startFakeRegistry([])
    await using proxy = await startProxy(registry.url, { login: 'ada:geheim' })
    const good = await run(['pull', 'fake', dir, '--dry-run'], {
      env: { ...base(), HTTP_PROXY: `http://ada:geheim@${proxy.host}` },
    })
    expect(good.code).toBe(0)
    const bad = await run(['pull', 'fake', dir, '--dry-run'], {
      env: { ...base(), HTTP_PROXY: `http://ada:falsch@${proxy.host}` },
    })
    expect(bad).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('error: the proxy asks for a login (status 407)\n'),
    })
    expect(bad.stderr).not.toContain('falsch')
  })

  test('opens a tunnel for https, or says that it does not', async () => {
    await using proxy = await startProxy('')
    const env = { ...base(), HOLOTYPE_URL: 'https://registry.test', HTTPS_PROXY: `http://ada:geheim@${proxy.host}` }
    const { code, stderr } = await run(['model', 'list'], { env })
    expect(proxy.seen).toEqual(['CONNECT registry.test:443'])
    expect(code).toBe(3)
    expect(stderr).toContain('the proxy asks for a login (status 407)')
    expect(stderr).not.toContain('geheim')
  })

  test.each(['127.0.0.1', '*', 'other.test, 127.0.0.1'])('is left out for NO_PROXY=%s', async none => {
    await using registry = await startFakeRegistry([])
    await using proxy = await startProxy('')
    const env = { ...base(), HOLOTYPE_URL: registry.url, HTTP_PROXY: `http://${proxy.host}`, NO_PROXY: none }
    expect(await run(['pull', 'fake', dir, '--dry-run'], { env })).toMatchObject({ code: 0 })
    expect(proxy.seen).toEqual([])
  })

  test('that does not answer is told apart from the registry', async () => {
    const { host } = await startProxy('').then(async proxy => {
      await proxy[Symbol.asyncDispose]()
      return proxy
    })
    const env = { ...base(), HTTP_PROXY: `http://ada:geheim@${host}` }
    const { code, stderr } = await run(['model', 'list'], { env })
    expect(code).toBe(7)
    expect(stderr).toContain(`the proxy ${host} (HTTP_PROXY, HTTPS_PROXY) does not answer: nothing listens there`)
    expect(stderr).not.toContain('geheim')
  })

  test.each(['socks5://127.0.0.1:1080', 'http://', 'file:///etc/passwd'])(
    'of a kind that cannot be used is refused: %s',
    async proxy => {
      const { code, stderr } = await run(['model', 'list'], { env: { ...base(), HTTP_PROXY: proxy } })
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: 'error: HTTP_PROXY must read like http://proxy.example.com:3128\n  Only HTTP proxies can be used.\n',
      })
    },
  )
})
