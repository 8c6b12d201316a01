/** Paths of files as they come over the wire: decoded once, checked by the rules, never tidied up. Over a real socket. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { walk } from '../support/lists.ts'
import { sendRequest } from '../support/raw-http.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
let url: string
let files: string
beforeAll(async () => {
  r = await startRegistry()
  url = await r.listen()
})
afterAll(() => r.close())
beforeEach(async () => {
  const { id } = (await r.writer.post('/models', { name: 'm' })).json()
  await r.writer.post(`/models/${id}/versions`)
  files = `/models/${id}/versions/1/files`
})

async function send(method: 'PUT' | 'GET' | 'DELETE', path: string, body = method === 'PUT' ? 'bytes' : undefined) {
  const headers = { authorization: `Bearer ${r.writer.key}` }
  const answer = await sendRequest(url, { method, path: `${files}/${path}`, headers, ...(body && { body }) })
  return { status: answer.status, text: answer.body.toString() }
}

const paths = async () => (await walk(r.reader, files)).map(file => file['path'])

describe('a path that is fine', () => {
  test.each([
    ['a.bin', 'a.bin'],
    ['a/b/c.bin', 'a/b/c.bin'],
    ['a%2Fb%2Fc.bin', 'a/b/c.bin'],
    ['a%20b.bin', 'a b.bin'],
    ['%C3%A9.bin', 'é.bin'],
    ['%F0%9F%99%82', '🙂'],
    ['a+b', 'a+b'],
    ['a;b=c', 'a;b=c'],
    ['a%23b', 'a#b'],
    ['a%25b', 'a%b'],
    ["a&b=c,d@e!$(f)'", "a&b=c,d@e!$(f)'"],
    ['.hidden', '.hidden'],
    // S03: decoded once, never twice; what is left is a name like any other.
    ['%252e%252e%252fx', '%2e%2e%2fx'],
  ])('%s is kept, and found again, as %s', async (wire, path) => {
    const put = await send('PUT', wire)
    expect(put.text).toContain(`"path":${JSON.stringify(path)}`)
    expect(put.status).toBe(200)
    expect(await paths()).toEqual([path])
    expect(await send('GET', wire)).toEqual({ status: 200, text: 'bytes' })
    expect((await send('DELETE', wire)).status).toBe(200)
    expect(await paths()).toEqual([])
  })

  test('a query behind it is not part of it', async () => {
    expect((await send('PUT', 'a?b=c')).status).toBe(200)
    expect(await paths()).toEqual(['a'])
  })
})

// S01–S08, S14
describe('a path that is refused, with the rule and the segment', () => {
  test.each([
    ['', 'path must not be empty'],
    ['../x', 'path must not have a "." or ".." segment (segment 1, "..")'],
    ['%2e%2e/x', 'path must not have a "." or ".." segment (segment 1, "..")'],
    ['a/..%2f..%2fx', 'path must not have a "." or ".." segment (segment 2, "..")'],
    ['a/./b', 'path must not have a "." or ".." segment (segment 2, ".")'],
    ['/etc/passwd', 'path must be relative: it must not begin with "/"'],
    ['%2Fetc%2Fpasswd', 'path must be relative: it must not begin with "/"'],
    ['a//b', 'path must not have an empty segment (segment 2)'],
    ['a/', 'path must not have an empty segment (segment 2)'],
    ['a%5C..%5Cb', 'path must use "/" between segments, never a backslash (segment 1, "a\\\\..\\\\b")'],
    ['C:/x', 'path must not begin with a drive letter (segment 1, "C:")'],
    ['a%00b', 'path must not contain control characters (segment 1, "a\\u0000b")'],
    ['a%0D%0Ab', 'path must not contain control characters (segment 1, "a\\r\\nb")'],
    ['a%E2%80%AEb', 'path must not contain characters that change the direction of text (segment 1, "a\\u202eb")'],
    ['a%22b', 'path must not contain a character that Windows reserves (< > : " | ? *) (segment 1, "a\\"b")'],
    ['x/NUL', 'path must not use a device name that Windows reserves (such as CON, NUL or COM1) (segment 2, "NUL")'],
    ['a%20', 'path must not have a segment that ends in a dot or a space (segment 1, "a ")'],
    ['.git/config', 'path must not have a ".git" segment, nor one that some system reads so (segment 1, ".git")'],
    ['a/.GIT', 'path must not have a ".git" segment, nor one that some system reads so (segment 2, ".GIT")'],
    ['git~1', 'path must not have a ".git" segment, nor one that some system reads so (segment 1, "git~1")'],
    ['.g%E2%80%8Cit', 'path must not contain characters that nobody sees (segment 1, ".g\\u200cit")'],
    [
      '.holotype-part-1',
      'path must not have a segment that begins with ".holotype-", as the client\'s own files do (segment 1, ".holotype-part-1")',
    ],
    ['cafe%CC%81', 'path must be in Unicode normal form C (NFC)'],
    ['x'.repeat(256), `path must not have a segment of more than 255 bytes (segment 1, "${'x'.repeat(40)}")`],
    [`${'a/'.repeat(600)}a`, 'path must have at most 1024 bytes of UTF-8, not 1201'],
  ])('%s', async (wire, message) => {
    const answer = await send('PUT', wire)
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'BAD_REQUEST', message })
    expect(answer.status).toBe(400)
    expect(await paths()).toEqual([])
    expect((await send('GET', wire)).status).toBe(404)
    expect((await send('DELETE', wire)).status).toBe(404)
  })
})

describe('two paths that would be one file, or file and folder at once, somewhere (R34)', () => {
  test.each([
    ['A.bin', 'a.bin', 'differs from it only in case'],
    ['dir/a', 'DIR/A', 'differs from it only in case'],
    ['é', 'É', 'differs from it only in case'],
    ['a', 'a/b', 'would have to be a folder and a file at once'],
    ['a/b', 'a', 'would have to be a folder and a file at once'],
    ['a/b/c', 'A/B', 'would have to be a folder and a file at once'],
    ['A', 'a/b/c', 'would have to be a folder and a file at once'],
  ])('after %s, %s is refused: it %s', async (first, second, reason) => {
    expect((await send('PUT', encodeURI(first))).status).toBe(200)
    const answer = await send('PUT', encodeURI(second))
    expect(answer.status).toBe(409)
    expect(JSON.parse(answer.text)).toEqual({
      code: 'CONFLICT',
      message: `path "${second}" can't stand beside "${first}": it ${reason}`,
    })
    expect(await paths()).toEqual([first])
    // Once the one is gone, the other may come.
    await send('DELETE', encodeURI(first))
    expect((await send('PUT', encodeURI(second))).status).toBe(200)
  })

  test.each([
    ['a', 'b'],
    ['a/b', 'a/c'],
    ['a/b', 'a.c'],
    ['a-b/c', 'a/c'],
    ['a0', 'a/b'],
    ['ab', 'a/b'],
  ])('%s and %s stand side by side', async (first, second) => {
    expect((await send('PUT', first)).status).toBe(200)
    expect((await send('PUT', second)).status).toBe(200)
    expect(await paths()).toEqual([first, second].toSorted())
  })

  test.each([
    ['A', 'a'],
    ['a', 'a/b'],
    ['x/Y', 'X/y'],
  ])('of %s and %s, uploaded at once, exactly one wins', async (one, other) => {
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all([send('PUT', one), send('PUT', other)])
      expect(answers.map(answer => answer.status).toSorted()).toEqual([200, 409])
      const winner = answers[0].status === 200 ? one : other
      expect(await paths()).toEqual([winner])
      await send('DELETE', winner)
    }
  })

  test('the same path uploaded many times at once ends as one whole file', async () => {
    const bodies = Array.from({ length: 10 }, (_, index) => String(index).repeat(1000))
    const answers = await Promise.all(bodies.map(body => send('PUT', 'a.bin', body)))
    expect(new Set(answers.map(answer => answer.status))).toEqual(new Set([200]))
    expect(bodies).toContain((await send('GET', 'a.bin')).text)
    const version = (await r.reader.get(files.replace('/files', ''))).json()
    expect(version).toMatchObject({ fileCount: 1, usageBytes: '1000' })
  })
})
