/** Large files go in parts, and a push that is typed again sends only those that are missing. */
import { createHash, randomBytes } from 'node:crypto'
import { readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Worker } from '../../src/jobs/worker.ts'
import { killPush } from './kill-push.ts'
import { type PartProxy, startPartProxy } from './part-proxy.ts'
import { type Desk, run, startDesk } from './support.ts'

const MIB = 2 ** 20
const PART = 5 * MIB
/** Seven parts, the last of them smaller. */
const SIZE = 33 * MIB + 1000

let desk: Desk
let source: string
let file: string
let name: string
let count = 0

beforeAll(async () => {
  desk = await startDesk({ HOLOTYPE_MIN_PART_BYTES: String(PART), HOLOTYPE_RECLAIM_GRACE_SECONDS: '0' })
})

afterAll(() => desk[Symbol.asyncDispose]())

beforeEach(async () => {
  count += 1
  name = `parts-${count}`
  await desk.json('model', 'create', '-n', name)
  source = await desk.write(name, { 'weights.bin': randomBytes(SIZE), 'config.json': '{}' })
  file = join(source, 'weights.bin')
})

const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

function environment(proxy: PartProxy): Record<string, string> {
  return { ...desk.env, HOLOTYPE_URL: proxy.url }
}

async function push(proxy: PartProxy, ...args: string[]) {
  return await run(['push', source, name, '--json', ...args], { env: environment(proxy) })
}

/** Pushes in a process of its own, which is killed when so many parts have arrived and others are on their way. */
async function pushAndKill(proxy: PartProxy, parts: number): Promise<void> {
  await killPush([source, name], environment(proxy), proxy.holdAfter(parts))
  proxy.release()
}

async function openUploads(version = '1') {
  const { id } = await desk.json('model', 'get', name)
  return (await desk.registry.admin.get(`/models/${id}/versions/${version}/uploads`)).json().items
}

/** The version is committed, and has the files as they are on the disk. */
async function expectWhole(version = '1'): Promise<void> {
  const { items } = await desk.json('file', 'list', `${name}@${version}`)
  const bytes = await readFile(file)
  expect(items).toMatchObject([{ path: 'config.json' }, { path: 'weights.bin', sha256: sha256Of(bytes) }])
  expect(await desk.json('version', 'get', `${name}@${version}`)).toMatchObject({ isCommitted: true, fileCount: 2 })
}

test('a large file goes in parts, four at once over all files, and small ones in one piece', async () => {
  await writeFile(join(source, 'more.bin'), randomBytes(SIZE))
  await using proxy = await startPartProxy(desk.url)
  const { code, stdout, stderr } = await push(proxy)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout).files).toMatchObject([
    { path: 'config.json', status: 'uploaded' },
    { path: 'more.bin', status: 'uploaded', sha256: sha256Of(await readFile(join(source, 'more.bin'))) },
    { path: 'weights.bin', status: 'uploaded', sha256: sha256Of(await readFile(file)) },
  ])
  expect(proxy.bytes).toBe(2 * SIZE)
  expect(proxy.mostAtOnce).toBeGreaterThan(1)
  expect(proxy.mostAtOnce).toBeLessThanOrEqual(4)
})

describe('a push that was killed', () => {
  test('again and again, sends no more than a tenth of its bytes twice', async () => {
    await using proxy = await startPartProxy(desk.url)
    for (const parts of [1, 2, 0, 1]) await pushAndKill(proxy, parts)
    expect(await openUploads()).toMatchObject([{ path: 'weights.bin', state: 'open' }])
    expect(await push(proxy)).toMatchObject({ code: 0 })
    await expectWhole()
    expect(proxy.bytes).toBeLessThan(1.1 * SIZE)
    expect(proxy.seen.filter(line => /POST .*\/uploads$/.test(line))).toHaveLength(1)
  })

  test('sends only the parts of the file that have changed since', async () => {
    await using proxy = await startPartProxy(desk.url)
    await pushAndKill(proxy, 5)
    const bytes = await readFile(file)
    bytes[0] = (bytes[0] ?? 0) ^ 1
    await writeFile(file, bytes)
    expect(await push(proxy)).toMatchObject({ code: 0 })
    await expectWhole()
    expect(proxy.bytes).toBeLessThan(SIZE + PART + MIB)
  })

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['has grown', bytes => Buffer.concat([bytes, Buffer.from('more')])],
    ['has become a small one', bytes => bytes.subarray(0, 1000)],
  ])('gives its upload up when the file %s', async (_what, change) => {
    await using proxy = await startPartProxy(desk.url)
    await pushAndKill(proxy, 1)
    const [old] = await openUploads()
    await writeFile(file, change(await readFile(file)))
    expect(await push(proxy)).toMatchObject({ code: 0 })
    await expectWhole()
    expect(proxy.seen.filter(line => line.startsWith('DELETE '))).toEqual([expect.stringContaining(old.id)])
  })

  test('gives its upload up when the file is gone', async () => {
    await using proxy = await startPartProxy(desk.url)
    await pushAndKill(proxy, 1)
    await rm(file)
    expect(await push(proxy)).toMatchObject({ code: 0 })
    expect(await openUploads()).toEqual([])
    expect(await desk.json('version', 'get', name)).toMatchObject({ isCommitted: true, fileCount: 1 })
  })

  test('after everything was sent, has nothing to send', async () => {
    const { promise: reached, resolve } = Promise.withResolvers<void>()
    await using proxy = await startPartProxy(desk.url, ({ method = '', url = '' }) => {
      if (method === 'POST' && url.endsWith('/complete')) resolve()
      // The first one never gets its answer, and the registry never the question.
      return (
        method === 'POST' &&
        url.endsWith('/complete') &&
        proxy.seen.filter(line => line.endsWith('/complete')).length === 1
      )
    })
    await killPush([source, name], environment(proxy), reached)
    expect(await openUploads()).toMatchObject([{ state: 'open', receivedBytes: SIZE }])
    expect(await push(proxy)).toMatchObject({ code: 0 })
    expect(proxy.bytes).toBe(SIZE)
    await expectWhole()
  })
})

describe('a part', () => {
  test.each([403, 503])('that is refused with %i is sent again, by a URL that is asked for anew', async status => {
    const refused = new Set<string>()
    await using proxy = await startPartProxy(desk.url, (incoming, response) => {
      const part = /^\/v1\/uploads\/\w+\/parts\/(\d+)/.exec(incoming.url ?? '')?.[1]
      if (part === undefined || refused.has(part) || refused.size >= 3) return false
      refused.add(part)
      incoming.resume()
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ code: 'NO', message: 'not now' }))
      return true
    })
    expect(await push(proxy)).toMatchObject({ code: 0 })
    await expectWhole()
    // Once for all parts, and once for each that was refused.
    expect(proxy.seen.filter(line => /^POST .*\/parts$/.test(line))).toHaveLength(1 + 3)
  })

  test('that is always refused ends the push, which can be gone on with', async () => {
    await using proxy = await startPartProxy(desk.url, (incoming, response) => {
      if (isOpen || !/^\/v1\/uploads\/\w+\/parts\/7/.test(incoming.url ?? '')) return false
      incoming.resume()
      response.writeHead(403, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ code: 'FORBIDDEN', message: 'never' }))
      return true
    })
    let isOpen = false
    const { code, stderr } = await push(proxy)
    expect({ code, ...JSON.parse(stderr) }).toMatchObject({ code: 'denied', message: '"weights.bin": never' })
    isOpen = true
    expect(await push(proxy)).toMatchObject({ code: 0 })
    await expectWhole()
    expect(proxy.bytes).toBeLessThan(1.1 * SIZE)
  })
})

test('a file that changes while it is sent is refused, and the next push goes on', async () => {
  let isChanged = false
  await using proxy = await startPartProxy(desk.url, ({ method = '', url = '' }) => {
    if (isChanged || method !== 'PUT' || !url.startsWith('/v1/uploads/')) return false
    isChanged = true
    void truncate(file, SIZE - 1)
    return false
  })
  const { code, stderr } = await push(proxy)
  expect({ code, message: JSON.parse(stderr).message }).toEqual({
    code: 6,
    message: `"${file}" was changed while it was being sent`,
  })
  expect(await push(proxy)).toMatchObject({ code: 0 })
  await expectWhole()
})

test('a registry that knows no uploads in parts gets large files in one piece', async () => {
  await using proxy = await startPartProxy(desk.url, (incoming, response) => {
    if (!incoming.url?.includes('/uploads')) return false
    incoming.resume()
    response.writeHead(404, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ code: 'NOT_FOUND', message: 'there is no such route' }))
    return true
  })
  expect(await push(proxy)).toMatchObject({ code: 0 })
  await expectWhole()
  expect(proxy.bytes).toBe(0)
})

// The last one, as the worker that it stops never starts again.
test('a push that was killed while the registry verified waits for that, and has nothing to send', async () => {
  const { app } = desk.registry
  await app.worker.stop()
  const { promise: reached, resolve } = Promise.withResolvers<void>()
  const isLook = (line: string) => /^GET .*\/uploads\/\w+$/.test(line)
  await using proxy = await startPartProxy(desk.url, ({ method, url }) => {
    if (isLook(`${method} ${url}`)) resolve()
    return false
  })
  await killPush([source, name], environment(proxy), reached)
  expect(await openUploads()).toMatchObject([{ state: 'verifying' }])
  const looks = proxy.seen.filter(isLook).length
  const again = push(proxy)
  await expect.poll(() => proxy.seen.filter(isLook).length, { timeout: 20_000 }).toBeGreaterThan(looks)
  const worker = new Worker(app.registry)
  worker.start()
  try {
    expect(await again).toMatchObject({ code: 0 })
  } finally {
    await worker.stop()
  }
  expect(proxy.bytes).toBe(SIZE)
  await expectWhole()
})
