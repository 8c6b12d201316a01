import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openSocket, sendRequest } from '../support/raw-http.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
let url: string
let files: string
beforeAll(async () => {
  r = await startRegistry({ HOLOTYPE_MAX_FILE_BYTES: '3000000' })
  url = await r.listen()
})
afterAll(() => r.close())
beforeEach(async () => {
  const { id } = (await r.writer.post('/models', { name: 'm' })).json()
  await r.writer.post(`/models/${id}/versions`)
  files = `/models/${id}/versions/1/files`
})

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')
const base64 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('base64')

/** Nothing of a refused upload may be seen, nor lie about. */
async function expectNothingKept(): Promise<void> {
  expect((await r.reader.get(files)).json().items).toEqual([])
  // What was begun is dropped a moment after the answer.
  for (let round = 0; round < 500 && (await readdir(join(r.dataDir, 'tmp'))).length > 0; round++) await setTimeout(10)
  expect(await readdir(join(r.dataDir, 'tmp'))).toEqual([])
}

describe('an upload', () => {
  test('answers six fields in their order, and the file is there', async () => {
    const answer = await r.writer.put(`${files}/w.bin`, 'abc', { 'content-type': 'Application/X-Weights; v=1' })
    expect(answer.statusCode).toBe(200)
    const { dtCreated, dtVerified } = answer.json()
    expect(answer.body).toBe(
      `{"contentType":"application/x-weights","dtCreated":"${dtCreated}","dtVerified":"${dtVerified}","path":"w.bin","sha256":"${sha256('abc')}","size":3}`,
    )
    expect((await r.reader.get(files)).json().items).toEqual([answer.json()])
    expect((await r.reader.get(`${files}/w.bin`)).body).toBe('abc')
  })

  test('of JSON is kept byte for byte, be it valid or not', async () => {
    for (const bytes of [
      '{ "a" : 1.0,\r\n "a": 2 }',
      '{"__proto__":{}}',
      'not json',
      '',
      '\ufeff{}',
      Buffer.from([0xff]),
    ]) {
      const answer = await r.writer.put(`${files}/config.json`, bytes, { 'content-type': 'application/json' })
      expect(answer.statusCode).toBe(200)
      const back = await r.reader.get(`${files}/config.json`)
      expect(back.rawPayload).toEqual(Buffer.from(bytes))
    }
  })

  // S53, S64
  test.each([
    'text/html',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'weird',
    '',
    'a/b\t;c',
    ';',
  ])('of the type %j is kept as it is', async type => {
    const answer = await r.writer.put(`${files}/x`, '--x\r\na=b', { 'content-type': type })
    expect(answer.statusCode, answer.body).toBe(200)
    expect((await r.reader.get(`${files}/x`)).body).toBe('--x\r\na=b')
  })

  test('of more than a JSON body may have is taken, with a length and in chunks', async () => {
    const body = randomBytes(2_500_000)
    const headers = { authorization: `Bearer ${r.writer.key}` }
    for (const extra of [{ 'content-length': String(body.length) }, { 'transfer-encoding': 'chunked' }]) {
      const path = `${files}/large.bin`
      const answer = await sendRequest(url, { method: 'PUT', path, headers: { ...headers, ...extra }, body })
      expect(JSON.parse(answer.body.toString())).toMatchObject({ size: body.length, sha256: sha256(body) })
      expect((await sendRequest(url, { path, headers })).body.equals(body)).toBe(true)
    }
  })

  test('of more than the limit is refused, with a length and in chunks', async () => {
    const headers = { authorization: `Bearer ${r.writer.key}` }
    const body = Buffer.alloc(3_000_001)
    for (const extra of [{ 'content-length': '3000001' }, { 'transfer-encoding': 'chunked' }]) {
      const answer = await r.writer.put(`${files}/large.bin`, body, { ...headers, ...extra })
      expect(answer.statusCode).toBe(413)
      expect(answer.json()).toEqual({ code: 'PAYLOAD_TOO_LARGE', message: 'a file may have at most 3000000 bytes' })
    }
    expect((await r.writer.put(`${files}/exact.bin`, body.subarray(1))).statusCode).toBe(200)
    await r.writer.delete(`${files}/exact.bin`)
    await expectNothingKept()
  })

  test.each<[string, Record<string, string>]>([
    ['a length of 0', { 'content-length': '0' }],
    ['a type and a length of 0', { 'content-length': '0', 'content-type': 'application/json' }],
    ['no chunk', { 'transfer-encoding': 'chunked' }],
    ['no header at all', {}],
    ['a type alone', { 'content-type': 'text/plain' }],
  ])('of no bytes is a file of no bytes, sent with %s', async (_what, headers) => {
    const authorization = `Bearer ${r.writer.key}`
    const answer = await sendRequest(url, {
      method: 'PUT',
      path: `${files}/empty`,
      headers: { authorization, ...headers },
    })
    expect(JSON.parse(answer.body.toString())).toMatchObject({ size: 0, sha256: sha256('') })
    const back = await r.reader.get(`${files}/empty`)
    expect(back.statusCode).toBe(200)
    expect(back.headers['content-length']).toBe('0')
  })

  // R21
  test('over an earlier file of the draft replaces it, also with fewer bytes', async () => {
    await r.writer.put(`${files}/a`, 'a long file')
    await r.writer.put(`${files}/a`, 'short', { 'content-type': 'text/plain' })
    expect((await r.reader.get(`${files}/a`)).body).toBe('short')
    expect((await r.reader.get(files)).json().items).toMatchObject([{ path: 'a', size: 5, contentType: 'text/plain' }])
  })
})

describe('what a sender declares', () => {
  const good = `sha-256=:${base64('abc')}:`
  const bad = `sha-256=:${base64('abd')}:`

  test.each<[string, Record<string, string>]>([
    ['a Repr-Digest', { 'repr-digest': good }],
    ['a Content-Digest', { 'content-digest': good }],
    ['an x-sha256', { 'x-sha256': sha256('abc').toUpperCase() }],
    ['all three', { 'repr-digest': good, 'content-digest': good, 'x-sha256': sha256('abc') }],
    ['another algorithm, which nobody checks', { 'repr-digest': 'sha-512=:AAAA:' }],
    ['no coding', { 'content-encoding': 'identity' }],
  ])('%s that is right is taken', async (_what, headers) => {
    expect((await r.writer.put(`${files}/a`, 'abc', headers)).statusCode).toBe(200)
  })

  test.each<[string, Record<string, string>]>([
    ['Repr-Digest', { 'repr-digest': bad }],
    ['Content-Digest', { 'content-digest': bad }],
    ['x-sha256', { 'x-sha256': sha256('abd') }],
  ])('a wrong %s is refused, and both digests are told', async (_what, headers) => {
    const answer = await r.writer.put(`${files}/a`, 'abc', headers)
    expect(answer.statusCode).toBe(400)
    expect(answer.json().message).toBe(
      `the bytes received have the sha256 ${sha256('abc')}, not ${sha256('abd')} as declared; nothing was kept`,
    )
    await expectNothingKept()
  })

  test.each<[string, Record<string, string>, RegExp]>([
    ['two digests that differ', { 'repr-digest': good, 'x-sha256': sha256('abd') }, /^sha256 is declared twice/],
    ['one header with two that differ', { 'repr-digest': `${good}, ${bad}` }, /^sha256 is declared twice/],
    ['a digest that cannot be read', { 'repr-digest': 'sha-256=abc' }, /^repr-digest must read sha-256=:/],
    ['a short x-sha256', { 'x-sha256': 'abc' }, /^x-sha256 must be a sha256 in 64 hex digits/],
    ['a range', { 'content-range': 'bytes 0-2/10' }, /^Content-Range is not supported/],
  ])('%s is refused', async (_what, headers, message) => {
    const answer = await r.writer.put(`${files}/a`, 'abc', headers)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringMatching(message) })
    await expectNothingKept()
  })

  // S60
  test.each(['gzip', 'identity, gzip'])('the coding %s is not taken', async coding => {
    const answer = await r.writer.put(`${files}/a`, 'abc', { 'content-encoding': coding })
    expect([answer.statusCode, answer.headers['accept-encoding']]).toEqual([415, 'identity'])
    expect(answer.json().message).toBe('Content-Encoding is not supported: send the bytes as they are')
    await expectNothingKept()
  })
})

describe('an upload that breaks off', () => {
  // R14
  test.each([
    ['before its declared length', 'content-length: 1000', 'only this'],
    ['in the middle of a chunk', 'transfer-encoding: chunked', '100\r\nonly this'],
    ['between two chunks', 'transfer-encoding: chunked', '9\r\nonly this\r\n'],
  ])('%s leaves nothing', async (_what, header, body) => {
    const socket = await openSocket(url)
    const head = [`PUT /v1${files}/a HTTP/1.1`, 'host: x', `authorization: Bearer ${r.writer.key}`, header, '', '']
    socket.write(head.join('\r\n') + body)
    // Wait until the server has begun to take it.
    for (let round = 0; round < 500 && (await readdir(join(r.dataDir, 'tmp'))).length === 0; round++)
      await setTimeout(10)
    expect(await readdir(join(r.dataDir, 'tmp'))).toHaveLength(1)
    socket.destroy()
    await once(socket, 'close')
    await expectNothingKept()
    // R17, R19: nor does it stand in the way of the next.
    expect((await r.writer.put(`${files}/a`, 'whole')).statusCode).toBe(200)
  })
})

describe('conditions on what is at the path', () => {
  const sha = (text: string) => `"${createHash('sha256').update(text).digest('hex')}"`

  test('guard a draft against being overwritten unseen', async () => {
    await using registry = await startRegistry()
    const { writer } = registry
    const { id } = (await writer.post('/models', { name: 'guarded' })).json()
    await writer.post(`/models/${id}/versions`)
    const file = `/models/${id}/versions/1/files/f`
    expect((await writer.put(file, 'one', { 'if-match': '*' })).statusCode).toBe(412)
    expect((await writer.put(file, 'one', { 'if-none-match': '*' })).statusCode).toBe(200)
    const refused = await writer.put(file, 'two', { 'if-none-match': '*' })
    expect([refused.statusCode, refused.json().code]).toEqual([412, 'PRECONDITION_FAILED'])
    expect((await writer.put(file, 'two', { 'if-match': '"other"' })).statusCode).toBe(412)
    expect((await writer.delete(file, { 'if-match': '"other"' })).statusCode).toBe(412)
    expect((await writer.get(file)).body).toBe('one')
    expect((await writer.put(file, 'two', { 'if-match': sha('one') })).statusCode).toBe(200)
    expect((await writer.delete(file, { 'if-match': sha('two') })).statusCode).toBe(200)
  })

  test('let one of many win', async () => {
    await using registry = await startRegistry()
    const { writer } = registry
    const { id } = (await writer.post('/models', { name: 'raced' })).json()
    await writer.post(`/models/${id}/versions`)
    const file = `/models/${id}/versions/1/files/f`
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => writer.put(file, `writer ${index}`, { 'if-none-match': '*' })),
    )
    expect(answers.filter(answer => answer.statusCode === 200)).toHaveLength(1)
    expect(answers.filter(answer => answer.statusCode === 412)).toHaveLength(19)
  })
})
