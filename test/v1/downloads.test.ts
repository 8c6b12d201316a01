import { createHash } from 'node:crypto'
import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sendRequest } from '../support/raw-http.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
let url: string
let file: string
const bytes = '0123456789'
const sha256 = createHash('sha256').update(bytes).digest('hex')
const etag = `"${sha256}"`
beforeAll(async () => {
  r = await startRegistry()
  url = await r.listen()
  const { id } = await keepModel(r.writer, { 'dir/w.bin': bytes, empty: '' })
  file = `/models/${id}/versions/1/files/dir/w.bin`
})
afterAll(() => r.close())

/** Over a real socket, since HEAD and 304 are about what goes over the wire. */
async function get(headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET', path = file) {
  const answer = await sendRequest(url, {
    method,
    path,
    headers: { authorization: `Bearer ${r.reader.key}`, ...headers },
  })
  return { ...answer, body: answer.body.toString() }
}

describe('a download', () => {
  test('has every header a careful client looks for', async () => {
    const { status, body, headers } = await get()
    expect([status, body]).toEqual([200, bytes])
    const { date, 'last-modified': lastModified, 'x-request-id': _id, connection, ...rest } = headers
    expect(new Date(String(lastModified)).toUTCString()).toBe(lastModified)
    expect(rest).toEqual({
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      'content-disposition': 'attachment; filename=w.bin',
      'content-length': '10',
      // S20: whatever the bytes are, no browser runs them.
      'content-security-policy': "sandbox; default-src 'none'",
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      etag,
      'repr-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
      'x-holotype-version': '1',
    })
  })

  test('of what its uploader called HTML is served as neutral bytes all the same', async () => {
    const { id } = (await r.writer.post('/models', { name: 'm' })).json()
    await r.writer.post(`/models/${id}/versions`)
    const path = `/models/${id}/versions/1/files/index.html`
    await r.writer.put(path, '<script>alert(1)</script>', { 'content-type': 'text/html' })
    const { headers } = await get({ accept: 'text/html' }, 'GET', path)
    expect(headers['content-type']).toBe('application/octet-stream')
    expect(headers['content-disposition']).toBe('attachment; filename=index.html')
  })

  test.each<[string, Record<string, string>]>([
    ['nothing else', {}],
    ['a condition that holds', { 'if-none-match': etag }],
    ['a condition that fails', { 'if-match': '"x"' }],
  ])('HEAD answers what GET answers, without the bytes: with %s', async (_what, headers) => {
    const [head, whole] = [await get(headers, 'HEAD'), await get(headers)]
    expect(head.status).toBe(whole.status)
    expect(head.body).toBe('')
    const { date: _1, 'x-request-id': _2, ...headHeaders } = head.headers
    const { date: _3, 'x-request-id': _4, ...wholeHeaders } = whole.headers
    expect(headHeaders).toEqual(wholeHeaders)
  })

  test.each(['bytes=2-4', 'bytes=10-'])('HEAD is about the whole file, also with the range %s', async range => {
    const [head, whole] = [await get({ range }, 'HEAD'), await get()]
    expect(head.status).toBe(200)
    expect(head.headers['content-length']).toBe(whole.headers['content-length'])
    expect(head.headers['content-range']).toBeUndefined()
  })

  test('of a file of no bytes is no bytes', async () => {
    const { status, headers, body } = await get({}, 'GET', file.replace('dir/w.bin', 'empty'))
    expect([status, headers['content-length'], body]).toEqual([200, '0', ''])
  })

  test('of a file that is not there is 404, for GET and HEAD', async () => {
    const none = file.replace('w.bin', 'none')
    expect(JSON.parse((await get({}, 'GET', none)).body)).toEqual({
      code: 'NOT_FOUND',
      message: 'version 1 has no file "dir/none"',
    })
    expect((await get({}, 'HEAD', none)).status).toBe(404)
    expect((await get({}, 'GET', file.replace('/w.bin', ''))).status, 'a folder is no file').toBe(404)
  })

  // S22
  test.each([
    ['a;b.bin', 'attachment; filename="a;b.bin"'],
    ["a'b.bin", "attachment; filename=a'b.bin"],
    ['a b.bin', 'attachment; filename="a b.bin"'],
    ['a%41.bin', "attachment; filename=a%41.bin; filename*=UTF-8''a%2541.bin"],
    ['é.bin', 'attachment; filename="?.bin"; filename*=UTF-8\'\'%C3%A9.bin'],
    ['文件.bin', 'attachment; filename="??.bin"; filename*=UTF-8\'\'%E6%96%87%E4%BB%B6.bin'],
    ['a=b,c.bin', 'attachment; filename="a=b,c.bin"'],
    ['filename.bin; x=y', 'attachment; filename="filename.bin; x=y"'],
  ])('of a file called %s names it safely', async (name, disposition) => {
    const { id } = await keepModel(r.writer, { [`d/${encodeURIComponent(name)}`]: 'x' })
    const { headers } = await get({}, 'GET', `/models/${id}/versions/1/files/d/${encodeURIComponent(name)}`)
    expect(headers['content-disposition']).toBe(disposition)
  })
})

describe('a conditional download', () => {
  test.each<[string, Record<string, string>, number]>([
    ['If-None-Match with the tag', { 'if-none-match': etag }, 304],
    ['If-None-Match with the weak tag', { 'if-none-match': `W/${etag}` }, 304],
    ['If-None-Match with a list', { 'if-none-match': `"x", ${etag}` }, 304],
    ['If-None-Match with *', { 'if-none-match': '*' }, 304],
    ['If-None-Match with another tag', { 'if-none-match': '"x"' }, 200],
    ['If-Match with the tag', { 'if-match': etag }, 200],
    ['If-Match with another tag', { 'if-match': '"x"' }, 412],
    ['If-Match with the weak tag', { 'if-match': `W/${etag}` }, 412],
    ['If-Modified-Since the far future', { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' }, 304],
    ['If-Unmodified-Since the past', { 'if-unmodified-since': 'Thu, 01 Jan 2004 00:00:00 GMT' }, 412],
  ])('%s', async (_what, headers, expected) => {
    const { status, body, headers: answered } = await get(headers)
    expect(status).toBe(expected)
    if (status === 200) expect(body).toBe(bytes)
    if (status === 304) expect([body, answered.etag]).toEqual(['', etag])
    if (status === 412) {
      expect(JSON.parse(body)).toEqual({
        code: 'PRECONDITION_FAILED',
        message: 'the file is not the one the condition names',
      })
      expect(answered).not.toHaveProperty('repr-digest')
    }
  })

  test('a file that was replaced in a draft is no longer the one the tag names', async () => {
    const { id } = (await r.writer.post('/models', { name: 'm' })).json()
    await r.writer.post(`/models/${id}/versions`)
    const path = `/models/${id}/versions/1/files/a`
    await r.writer.put(path, bytes)
    expect((await get({ 'if-none-match': etag }, 'GET', path)).status).toBe(304)
    await r.writer.put(path, 'other')
    expect(await get({ 'if-none-match': etag }, 'GET', path)).toMatchObject({ status: 200, body: 'other' })
    expect((await get({ 'if-match': etag }, 'GET', path)).status).toBe(412)
    expect(await get({ 'if-range': etag, range: 'bytes=0-1' }, 'GET', path)).toMatchObject({
      status: 200,
      body: 'other',
    })
  })
})

// S23
describe('a range', () => {
  test.each([
    ['bytes=0-0', '0', '0-0'],
    ['bytes=2-4', '234', '2-4'],
    ['bytes=7-', '789', '7-9'],
    ['bytes=-3', '789', '7-9'],
    ['bytes=-100', bytes, '0-9'],
    ['bytes=5-999999', '56789', '5-9'],
    ['bytes=0-9', bytes, '0-9'],
  ])('%s is 206 with just these bytes', async (range, body, shown) => {
    for (const extra of [{}, { 'if-range': etag }]) {
      const answer = await get({ range, ...extra })
      expect(answer).toMatchObject({ status: 206, body })
      expect(answer.headers['content-range']).toBe(`bytes ${shown}/10`)
      expect(answer.headers['content-length']).toBe(String(body.length))
      expect(answer.headers.etag).toBe(etag)
    }
  })

  test.each(['bytes=10-', 'bytes=10-20', 'bytes=-0', 'bytes=99999999999-'])('%s is 416', async range => {
    const { status, headers, body } = await get({ range })
    expect(status).toBe(416)
    expect(headers['content-range']).toBe('bytes */10')
    expect(JSON.parse(body)).toEqual({
      code: 'BAD_REQUEST',
      message: 'the range is outside the file, which has 10 bytes',
    })
    expect(headers).not.toHaveProperty('content-disposition')
  })

  test.each([
    'bytes=2-1',
    'bytes=0-1,3-4',
    `bytes=${'0-,'.repeat(2000)}0-`,
    'bytes=a-b',
    'lines=1-2',
    'bytes',
    'bytes=-',
  ])('%s is not understood, and the whole file comes', async range => {
    const answer = await get({ range })
    expect(answer).toMatchObject({ status: 200, body: bytes })
    expect(answer.headers).not.toHaveProperty('content-range')
  })

  // R20
  test.each(['"x"', `W/${etag}`, 'Thu, 01 Jan 2004 00:00:00 GMT', 'nonsense'])(
    'under If-Range: %s, which does not name this file, is ignored',
    async condition => {
      expect(await get({ range: 'bytes=2-4', 'if-range': condition })).toMatchObject({ status: 200, body: bytes })
    },
  )

  test('under If-Range with the time of the file is answered', async () => {
    const { headers } = await get()
    const condition = String(headers['last-modified'])
    expect(await get({ range: 'bytes=2-4', 'if-range': condition })).toMatchObject({ status: 206, body: '234' })
  })

  test('of an empty file is 416', async () => {
    const { status, headers } = await get({ range: 'bytes=0-' }, 'GET', file.replace('dir/w.bin', 'empty'))
    expect([status, headers['content-range']]).toEqual([416, 'bytes */0'])
  })
})

// R13, R22
describe('bytes that were damaged on the disk', () => {
  async function damage(size: number): Promise<string> {
    const { id } = await keepModel(r.writer, { 'w.bin': 'x'.repeat(size) })
    for (const name of await readdir(join(r.dataDir, 'blobs'), { recursive: true })) {
      const stored = join(r.dataDir, 'blobs', name)
      if ((await stat(stored)).size === size && (await stat(stored)).isFile()) await writeFile(stored, 'y'.repeat(size))
    }
    return `/models/${id}/versions/1/files/w.bin`
  }

  test('never come as a whole: a long download breaks off', async () => {
    const path = await damage(1_000_000)
    await expect(get({}, 'GET', path)).rejects.toThrow(/aborted|ECONNRESET/)
  })

  test('are a plain error when nothing has been sent yet', async () => {
    const path = await damage(3210)
    const first = await get({}, 'GET', path)
    expect(first.status).toBe(500)
    expect(JSON.parse(first.body).code).toBe('INTERNAL_SERVER_ERROR')
    for (const name of ['etag', 'repr-digest', 'content-disposition']) expect(first.headers).not.toHaveProperty(name)
    // From then on it is known, and said.
    const second = await get({}, 'GET', path)
    expect(second.status).toBe(500)
    expect(JSON.parse(second.body).message).toMatch(/no longer have the sha256 they were accepted with/)
  })
})

test('an alias that is moved back to an older version never looks unchanged by its date', async () => {
  await using registry = await startRegistry()
  const { writer } = registry
  const { id } = await keepModel(writer, { 'w.bin': 'first' })
  await writer.post(`/models/${id}/versions`)
  await writer.put(`/models/${id}/versions/2/files/w.bin`, 'second')
  await writer.put(`/models/${id}/versions/2`, { isCommitted: true })
  await writer.put(`/models/${id}/aliases/production`, { version: 1 })
  const path = `/models/${id}/versions/production/files/w.bin`
  const future = { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' }
  const answer = await writer.get(path, future)
  expect([answer.statusCode, answer.body, answer.headers['last-modified']]).toEqual([200, 'first', undefined])
  expect((await writer.get(`/models/${id}/versions/1/files/w.bin`, future)).statusCode).toBe(304)
})
