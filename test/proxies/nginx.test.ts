/** The nginx block of docs/operating.md, as it is there and below a path, with the real nginx and TLS. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { beforeEach, describe, expect, test } from 'vitest'
import { run } from '../lifecycle/server-process.ts'
import { keepModel, startRegistry } from '../support/registry.ts'
import { storedFiles } from '../support/stored-files.ts'
import { findFreePort, replaceAll, startNginx, whyNoNginx } from './nginx.ts'

beforeEach(({ skip }) => {
  const reason = whyNoNginx()
  skip(reason !== undefined, reason)
})

async function start(path = '') {
  const stack = new AsyncDisposableStack()
  const [port, registryPort] = [await findFreePort(), await findFreePort()]
  const below = (block: string) => (path === '' ? block : replaceAll(block, { 'location / {': `location ${path}/ {` }))
  const nginx = stack.use(await startNginx({ port, registryPort }, below))
  const publicUrl = `${nginx.url}${path}`
  const registry = stack.use(
    await startRegistry({ HOLOTYPE_PUBLIC_URL: publicUrl, HOLOTYPE_PORT: String(registryPort) }),
  )
  await registry.listen()
  const dir = await mkdtemp(join(tmpdir(), 'holotype-proxied-'))
  stack.defer(() => rm(dir, { recursive: true }))
  const ca = await readFile(nginx.certificate)
  /** A request whose body the test sends itself. */
  const open = (url: string, method = 'GET', headers: Record<string, string> = {}) => {
    const sent = request(`${publicUrl}${url}`, {
      method,
      ca,
      headers: { authorization: `Bearer ${registry.admin.key}`, ...headers },
    })
    const answered = once(sent, 'response').then(([answer]) => answer)
    answered.catch(() => {})
    return { sent, answered }
  }
  const ask = async (url: string, method = 'GET', headers: Record<string, string> = {}) => {
    const { sent, answered } = open(url, method, headers)
    sent.end()
    const answer = await answered
    return { status: Number(answer.statusCode), headers: answer.headers, body: await text(answer) }
  }
  const env = {
    HOLOTYPE_URL: publicUrl,
    HOLOTYPE_API_KEY: String(registry.admin.key),
    NODE_EXTRA_CA_CERTS: nginx.certificate,
  }
  return { nginx, registry, publicUrl, dir, open, ask, env, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

describe.each([
  ['as it is', ''],
  ['below a path', '/team/models'],
])('the block %s', (_what, path) => {
  test('lets a folder be pushed and pulled, whatever its files are called', { timeout: 60_000 }, async () => {
    await using place = await start(path)
    const files: Record<string, Buffer> = {
      'weights.bin': randomBytes(20_000_000),
      'empty.bin': Buffer.alloc(0),
      '100%25 a+b.bin': Buffer.from('percent'),
      'semi;colon&amp=1.bin': Buffer.from('semicolon'),
      'tür/日本.bin': Buffer.from('unicode'),
    }
    const source = join(place.dir, 'source')
    await mkdir(join(source, 'tür'), { recursive: true })
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(source, name), bytes)
    expect(await run(['push', source, 'm', '--create', '--alias', 'production'], place.env)).toMatchObject({ code: 0 })
    const target = join(place.dir, 'back')
    expect(await run(['pull', 'm@production', target], place.env)).toMatchObject({ code: 0 })
    for (const [name, bytes] of Object.entries(files)) expect(await readFile(join(target, name))).toEqual(bytes)
  })

  test('keeps the links, the ids, the ranges and the lengths of answers', async () => {
    await using place = await start(path)
    const { id } = await keepModel(place.registry.writer, { 'a b.bin': '0123456789' })
    const version = await place.ask(`/v1/models/${id}/versions/1`, 'GET', { 'x-request-id': 'through' })
    expect(JSON.parse(version.body).url).toBe(`${place.publicUrl}/v1/models/${id}/versions/1`)
    expect(version.headers['x-request-id']).toBe('through')
    const file = `/v1/models/${id}/versions/1/files/a%20b.bin`
    expect(await place.ask(file, 'GET', { range: 'bytes=2-4' })).toMatchObject({ status: 206, body: '234' })
    expect((await place.ask(file, 'HEAD')).headers['content-length']).toBe('10')
    expect((await place.ask(`/v1/models/${id}/versions/1/archive`)).body).toContain('0123456789')
    expect((await place.ask('/docs/')).status).toBe(200)
  })
})

test('an upload goes through as it comes, and nginx keeps nothing of it on its disk', async () => {
  await using place = await start()
  const { id } = (await place.registry.writer.post('/models', { name: 'm' })).json()
  await place.registry.writer.post(`/models/${id}/versions`)
  const { sent, answered } = place.open(`/v1/models/${id}/versions/1/files/a.bin`, 'PUT')
  sent.write(Buffer.alloc(3_000_000))
  await expect.poll(() => place.registry.app.registry.arrivingUploads.size, { timeout: 10_000 }).toBe(1)
  expect(await place.nginx.spooled()).toEqual([])
  sent.end('end')
  const answer = await answered
  expect(JSON.parse(await text(answer))).toMatchObject({ size: 3_000_003 })
})

test('a download that breaks off because its bytes are damaged does not look whole', async () => {
  await using place = await start()
  const { id } = await keepModel(place.registry.writer, { 'w.bin': randomBytes(3_000_000) })
  const [file] = await storedFiles(place.registry.dataDir)
  const bytes = await readFile(String(file))
  bytes[2_000_000] = (bytes[2_000_000] ?? 0) ^ 1
  await rm(String(file))
  await writeFile(String(file), bytes)
  const { sent, answered } = place.open(`/v1/models/${id}/versions/1/files/w.bin`)
  sent.end()
  const answer = await answered
  await expect(text(answer)).rejects.toThrow()
})

test('without a registry behind it the command line says what is in between', async () => {
  await using place = await start()
  await place.registry.close()
  const { code, stderr } = await run(['model', 'list'], place.env)
  expect(code).not.toBe(0)
  expect(stderr).toContain('502')
})
