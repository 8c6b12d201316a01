import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import tar from 'tar-stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LocalStore } from '../../src/blobs/local/local-store.ts'
import { openFilesOf } from '../blobs/contract.ts'
import { sendRequest } from '../support/raw-http.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'
import { storedFiles } from '../support/stored-files.ts'

let r: TestRegistry
let url: string
beforeAll(async () => {
  r = await startRegistry()
  url = await r.listen()
})
afterAll(() => r.close())

interface Entry {
  name: string
  type: string
  mode: number
  bytes: Buffer
}

async function unpack(archive: Buffer): Promise<Entry[]> {
  const entries: Entry[] = []
  const extract = tar.extract()
  extract.on('entry', (header, stream, next) => {
    buffer(stream)
      .then(bytes => {
        entries.push({ name: header.name, type: String(header.type), mode: header.mode ?? 0, bytes })
        next()
      })
      .catch(next)
  })
  Readable.from([archive]).pipe(extract)
  await once(extract, 'finish')
  return entries
}

const download = (path: string, method = 'GET') =>
  sendRequest(url, { method, path, headers: { authorization: `Bearer ${r.reader.key}` } })

test('an archive has every file with its bytes, sorted by path, and nothing else', async () => {
  const long = `${'d/'.repeat(60)}${'x'.repeat(200)}`
  const files = {
    'b.bin': 'bbb',
    'a/é 文件.json': '{ }',
    empty: '',
    [long]: 'long',
    'large.bin': Buffer.alloc(700_001, 7),
  }
  const encoded = Object.fromEntries(Object.entries(files).map(([path, bytes]) => [encodeURI(path), bytes]))
  const { id } = await keepModel(r.writer, encoded)
  const answer = await download(`/models/${id}/versions/1/archive`)
  expect(answer.status).toBe(200)
  const entries = await unpack(answer.body)
  const byBytes = Object.keys(files).toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  expect(entries.map(entry => entry.name)).toEqual(byBytes)
  for (const { name, type, mode, bytes } of entries) {
    expect([type, mode]).toEqual(['file', 0o644])
    expect(bytes.equals(Buffer.from(files[name] ?? '')), name).toBe(true)
  }
})

test('the headers name the model and the version, and HEAD has them too', async () => {
  const { id } = await keepModel(r.writer)
  const answer = await download(`/models/${id}/versions/latest/archive`)
  expect(answer.headers).toMatchObject({
    'content-type': 'application/x-tar',
    'content-disposition': `attachment; filename=${id}-v1.tar`,
    'content-security-policy': "sandbox; default-src 'none'",
    'x-content-type-options': 'nosniff',
    'x-holotype-version': '1',
  })
  const head = await download(`/models/${id}/versions/latest/archive`, 'HEAD')
  expect(head.status).toBe(200)
  expect(head.body).toHaveLength(0)
  expect(head.headers['content-disposition']).toBe(answer.headers['content-disposition'])
})

test('the same version gives the same bytes each time', async () => {
  const { id } = await keepModel(r.writer, { a: 'a', b: 'b' })
  const [one, two] = [
    await download(`/models/${id}/versions/1/archive`),
    await download(`/models/${id}/versions/1/archive`),
  ]
  expect(one.body.equals(two.body)).toBe(true)
})

test('a version without files is an empty archive', async () => {
  const { id } = await keepModel(r.writer, {})
  expect(await unpack((await download(`/models/${id}/versions/1/archive`)).body)).toEqual([])
})

test('more files than one page are all there', async () => {
  // So many files need not outlive this test.
  const disk = { sync: async () => {} }
  await using registry = await startRegistry({}, { openStore: dir => LocalStore.open(dir, { disk }) })
  const names = Array.from({ length: 510 }, (_, index) => `f${String(index).padStart(4, '0')}`)
  const { id } = (await registry.writer.post('/models', { name: 'm' })).json()
  await registry.writer.post(`/models/${id}/versions`)
  const put = (name: string) => registry.writer.put(`/models/${id}/versions/1/files/${name}`, name)
  const answers = await Promise.all(names.map(put))
  expect(answers.filter(answer => answer.statusCode !== 200)).toEqual([])
  const entries = await unpack((await registry.reader.get(`/models/${id}/versions/1/archive`)).rawPayload)
  expect(entries.map(entry => [entry.name, entry.bytes.toString()])).toEqual(names.map(name => [name, name]))
})

// R23
describe('an archive that cannot be finished', () => {
  async function withoutLast(files: Record<string, string>): Promise<string> {
    const { id } = await keepModel(r.writer, files)
    for (const path of await storedFiles(r.dataDir)) if ((await stat(path)).size === 54_321) await rm(path)
    return `/models/${id}/versions/1/archive`
  }

  test('breaks off once it has begun, and never looks complete', async () => {
    const path = await withoutLast({ 'a.bin': 'a'.repeat(8_000_000), 'b.bin': 'b'.repeat(54_321) })
    await expect(download(path)).rejects.toThrow(/aborted|ECONNRESET|hang up/)
  })

  test('is a plain error when nothing has been sent yet', async () => {
    const answer = await download(await withoutLast({ 'a.bin': 'a'.repeat(12_345), 'b.bin': 'b'.repeat(54_321) }))
    expect([answer.status, JSON.parse(answer.body.toString()).message]).toEqual([
      500,
      'the stored bytes of "b.bin" are missing',
    ])
    expect(answer.headers).not.toHaveProperty('content-disposition')
  })
})

describe('the length of an archive is announced', () => {
  test.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['an empty file', { empty: '' }],
    ['sizes around a block', { a: 'x'.repeat(511), b: 'x'.repeat(512), c: 'x'.repeat(513) }],
    [
      'names around what a plain header holds',
      { ['n'.repeat(99)]: 'a', ['o'.repeat(100)]: 'b', ['p'.repeat(101)]: 'c' },
    ],
    ['a name in folders that only an extended header holds', { [`${'d/'.repeat(400)}${'x'.repeat(200)}`]: 'x' }],
    ['names that are no ASCII', { é: 'a', '文件/文件': 'b', [`${'é'.repeat(45)}`]: 'c', '😀.bin': 'd' }],
    ['large files between small ones', { a: 'a', b: 'b'.repeat(300_000), c: 'c', d: 'd'.repeat(70_000) }],
  ])('with %s, for GET and HEAD', async (_what, files) => {
    const encoded = Object.fromEntries(Object.entries(files).map(([path, bytes]) => [encodeURI(path), bytes]))
    const { id } = await keepModel(r.writer, encoded)
    const [answer, head] = [
      await download(`/models/${id}/versions/1/archive`),
      await download(`/models/${id}/versions/1/archive`, 'HEAD'),
    ]
    expect(answer.headers['content-length']).toBe(String(answer.body.length))
    expect(head.headers['content-length']).toBe(answer.headers['content-length'])
    expect(answer.headers).not.toHaveProperty('transfer-encoding')
    const entries = await unpack(answer.body)
    expect(Object.fromEntries(entries.map(entry => [entry.name, entry.bytes.toString()]))).toEqual(files)
  })
})

test('a client that leaves between two files leaves no file open', async () => {
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`${index}.bin`, randomBytes(200_000)]))
  const { id } = await keepModel(r.writer, files)
  for (let round = 0; round < 5; round++) {
    const leaving = new AbortController()
    const answer = await fetch(`${url}/models/${id}/versions/1/archive`, {
      headers: { authorization: `Bearer ${r.writer.key}` },
      signal: leaving.signal,
    })
    await answer.body?.getReader().read()
    leaving.abort()
  }
  await expect.poll(() => openFilesOf(join(r.dataDir, 'blobs')), { timeout: 20_000 }).toBe(0)
})
