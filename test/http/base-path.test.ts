import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { withoutBasePath } from '../../src/http/base-path.ts'
import { run } from '../cli/support.ts'
import { startBasePathProxy } from '../support/base-path-proxy.ts'
import { exchange, parseAnswer } from '../support/raw-http.ts'
import { startRegistry } from '../support/registry.ts'

const PATH = '/team/models'

async function start({ strips, knowsUrl = true }: { strips: boolean; knowsUrl?: boolean }) {
  const stack = new AsyncDisposableStack()
  const proxy = stack.use(await startBasePathProxy(PATH, { strips }))
  const registry = stack.use(await startRegistry(knowsUrl ? { HOLOTYPE_PUBLIC_URL: `${proxy.url}/` } : {}))
  proxy.target = new URL(await registry.listen()).origin
  const ask = (path: string, method = 'GET') =>
    fetch(`${proxy.url}${path}`, { method, headers: { authorization: `Bearer ${registry.admin.key}` } })
  return { proxy, registry, ask, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

describe.each([
  ['takes the path away', { strips: true }],
  ['leaves the path in', { strips: false }],
])('behind a proxy that %s', (_what, how) => {
  test('every link in an answer leads back through the proxy', async () => {
    await using place = await start(how)
    const { proxy, registry, ask } = place
    const { id } = (await registry.writer.post('/models', { name: 'm' })).json()
    const version = (await (await ask(`/v1/models/${id}/versions`, 'POST')).json()) as { url: string }
    expect(version.url).toBe(`${proxy.url}/v1/models/${id}/versions/1`)
    const { items } = (await (await ask(`/v1/models/${id}/versions`)).json()) as { items: Array<{ url: string }> }
    expect(items[0]?.url).toBe(version.url)
    expect((await ask(version.url.slice(proxy.url.length))).status).toBe(200)
    for (const path of ['/livez', '/readyz', '/metrics', '/openapi.json']) expect((await ask(path)).status).toBe(200)
  })

  test('errors name the path that the caller knows, in the words of its door', async () => {
    await using place = await start(how)
    const nothing = await place.ask('/v1/nothing')
    expect([nothing.status, await nothing.json()]).toEqual([
      404,
      { code: 'NOT_FOUND', message: `there is nothing at GET "${PATH}/v1/nothing"; ${PATH}/docs shows what there is` },
    ])
    expect(await (await place.ask('/v1/models/%ZZ')).json()).toMatchObject({ code: 'BAD_REQUEST' })
    for (const prefix of [PATH, '']) {
      const broken = await exchange(
        place.proxy.target,
        `GET ${prefix}/v1/models HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n`,
      )
      expect(parseAnswer(broken)).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } })
      const expecting = await exchange(
        place.proxy.target,
        `GET ${prefix}/v1/models HTTP/1.1\r\nhost: x\r\nexpect: x\r\n\r\n`,
      )
      expect(parseAnswer(expecting)).toMatchObject({ status: 417, body: { code: 'BAD_REQUEST' } })
    }
  })

  test('the command line works with a URL that has a path', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'holotype-base-path-'))
    await using place = await start(how)
    const env = { HOLOTYPE_URL: `${place.proxy.url}/`, HOLOTYPE_API_KEY: String(place.registry.admin.key), HOME: dir }
    const source = join(dir, 'source')
    await mkdir(join(source, 'deep folder'), { recursive: true })
    await writeFile(join(source, 'deep folder', 'ä b.bin'), 'weights')
    expect(await run(['push', source, 'm', '--create', '--alias', 'production'], { env })).toMatchObject({ code: 0 })
    expect(await run(['pull', 'm@production', join(dir, 'back')], { env })).toMatchObject({ code: 0 })
    expect(await readFile(join(dir, 'back', 'deep folder', 'ä b.bin'), 'utf8')).toBe('weights')
    expect((await run(['model', 'get', 'm', '--url', `${place.proxy.url}/v1`], { env })).code).toBe(0)
    expect(place.proxy.strays).toEqual([])
    await rm(dir, { recursive: true })
  })
})

describe.each([
  ['takes the path away', { strips: true }],
  ['leaves the path in', { strips: false }],
  ['takes the path away, where the registry does not know its URL', { strips: true, knowsUrl: false }],
])('the pages of the API behind a proxy that %s', (_what, how) => {
  test.each(['/docs', '/docs/', '/docs/static/index.html'])('%s comes with all it needs', async path => {
    await using place = await start(how)
    const page = await fetch(`${place.proxy.url}${path}`)
    const html = await page.text()
    const links = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link]) => new URL(String(link), page.url))
    expect(links.length).toBeGreaterThan(5)
    for (const link of links) expect((await fetch(link)).status, link.href).toBe(200)
    // What the page's own script asks for.
    const contract = new URL('./json', page.url)
    const { servers } = (await (await fetch(contract)).json()) as { servers: Array<{ url: string }> }
    expect(new URL(String(servers[0]?.url), contract).href.replace(/\/$/, '')).toBe(place.proxy.url)
    expect(place.proxy.strays).toEqual([])
  })

  test('the contract names the server, for those who generate a client of it', async () => {
    await using place = await start(how)
    const from = `${place.proxy.url}/openapi.json`
    const { servers } = (await (await fetch(from)).json()) as { servers: Array<{ url: string }> }
    expect(servers).toHaveLength(1)
    expect(new URL(String(servers[0]?.url), from).href.replace(/\/$/, '')).toBe(place.proxy.url)
  })
})

test.each([
  ['/a', '/a/v1/x', '/v1/x'],
  ['/a', '/a', '/'],
  ['/a', '/a?b=/a/', '/?b=/a/'],
  ['/a', '/a/a/v1', '/a/v1'],
  ['/a', '/ab/v1', '/ab/v1'],
  ['/a', '/v1/a', '/v1/a'],
  ['/a/b', '/a/v1', '/a/v1'],
  ['/a', '*', '*'],
  ['', '/v1', '/v1'],
])('below %j, %j is %j', (basePath, url, known) => {
  expect(withoutBasePath(basePath, url)).toBe(known)
})

test.each(['/v1', '/v1/models', '/docs', '/metrics/x', '/openapi.json'])(
  'a public URL with the path %s is refused: it is a path of ours',
  async path => {
    await expect(startRegistry({ HOLOTYPE_PUBLIC_URL: `https://example.com${path}` })).rejects.toThrow(
      /the path of HOLOTYPE_PUBLIC_URL must not begin with \/(v1|docs|metrics|openapi\.json),/,
    )
  },
)
