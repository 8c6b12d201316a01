/** Paths of files, in every spelling that has led out of a directory somewhere (S01, S03, S04, S06, S08, S14). */
import { readdir } from 'node:fs/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectRefusal, parseRefusal } from '../hostile/answers.ts'
import { attempts, expectAlive, FUZZ_TIMEOUT_MS, startTarget, type Target } from './support.ts'

let target: Target
let draft: string

beforeAll(async () => {
  target = await startTarget()
})
beforeEach(async () => {
  const { body: model } = await target.sendJson('POST', '/v1/models', { name: 'paths' })
  await target.sendJson('POST', `/v1/models/${model.id}/versions`, {})
  draft = `/v1/models/${model.id}/versions/1`
})
afterAll(async () => {
  await expectAlive(target)
  await target.close()
})

/** Paths as they stand in a URL that must never be taken, each for what it could mean on some system. */
const NEVER = [
  ['..', '%2e%2e', '%2E%2E/x', 'a/../x', 'a/%2e%2e/x', 'a%2f..%2fx', '..%2f..%2fetc%2fpasswd', './x', 'a/./x', 'a/.'],
  ['/etc/passwd', '%2fetc%2fpasswd', '//host/share', 'a//b', 'a%2f%2fb', 'a/', '%2f'],
  ['..%5cx', '%5cx', '%5c%5chost%5cshare', 'a%5c..%5cb', 'C:%5cx', 'C:/x', 'D:x', 'a/c:b', 'file:///etc/passwd'],
  [
    'CON',
    'nul.txt',
    'a/COM1',
    'LPT9.bin',
    'aux%20',
    'com%C2%B9',
    'CONIN$',
    'x.',
    'x%20',
    'a./b',
    '%20',
    '...',
    '%E2%80%A8',
  ],
  ['a%00', '%00', 'a%0ab', 'a%0d%0ab', '%1b[31m', 'a%7f', 'a%C2%85', '%E2%80%AEgnp.exe', 'a%D8%9Cb', '%E2%81%A6a'],
  ['a%3fb', 'a%2ab', 'a%3cb', 'a%7cb', 'a%22b', 'weights.bin::$DATA', 'e%CC%81', 'a%CC%8Angstrom'],
  ['a'.repeat(256), `${'%C3%A4'.repeat(128)}`, `${'a/'.repeat(512)}b`, 'a/'.repeat(2000), 'a'.repeat(4096)],
].flat()

/** Looks alarming, and is only a name: encoded twice, `;`, or what a URL cuts off. */
const NAMES: ReadonlyArray<readonly [spelling: string, path: string]> = [
  ['%252e%252e', '%2e%2e'],
  ['%252e%252e%252fx', '%2e%2e%2fx'],
  ['..;x', '..;x'],
  ['a;v=1/b', 'a;v=1/b'],
  ['a%23b', 'a#b'],
  ['..a', '..a'],
  ['.hidden', '.hidden'],
  ['a?x=../../y', 'a'],
  ['a+b%2Bc', 'a+b+c'],
  ['%61', 'a'],
  ['a%2Fb', 'a/b'],
  ['%C3%A5', 'å'],
  ['__proto__', '__proto__'],
  ['constructor/prototype', 'constructor/prototype'],
  ["';%20drop%20table%20files;--", "'; drop table files;--"],
  [`${'s/'.repeat(511)}t`, `${'s/'.repeat(511)}t`],
]

async function listPaths(): Promise<string[]> {
  const paths: string[] = []
  let after = ''
  do {
    const { body } = await target.sendJson('GET', `${draft}/files?limit=120${after}`, undefined)
    paths.push(...body.items.map((file: { path: string }) => file.path))
    after = body.nextPage === null ? '' : `&after=${body.nextPage}`
  } while (after !== '')
  return paths
}

describe('file paths', () => {
  test.each(NEVER)('%s is refused by every method and leaves nothing', async spelling => {
    for (const method of ['PUT', 'GET', 'DELETE']) {
      const body = method === 'PUT' ? 'bytes' : ''
      const answer = await target.send({ method, target: `${draft}/files/${spelling}`, body })
      expectRefusal(answer, method === 'PUT' ? [400] : [400, 404])
    }
    expect(await listPaths()).toEqual([])
  })

  test.each(NAMES)('%s is the file %s, and no place in a file system', async (spelling, path) => {
    const url = `${draft}/files/${spelling}`
    expect((await target.send({ method: 'PUT', target: url, body: 'bytes' })).status).toBe(200)
    expect(await listPaths()).toEqual([path])
    const read = await target.send({ target: url })
    expect(read.body.toString()).toBe('bytes')
    expect(read.headers['content-disposition']).not.toMatch(/[\r\n/\\]\S*$/)
    expect(read.headers['content-type']).toBe('application/octet-stream')
  })

  test(
    'whatever is accepted is listed and read back under exactly its path',
    async () => {
      const segment = fc.oneof(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }),
        fc.constantFrom(
          '.',
          '..',
          '',
          'a',
          'A',
          'ß',
          'ſ',
          'İ',
          'K',
          'con',
          'a.',
          ' ',
          '~',
          '%',
          '%2e',
          '%2f',
          '\\',
          ':',
          'ﬁ',
        ),
      )
      const path = fc.oneof(
        fc.array(segment, { minLength: 1, maxLength: 5 }).map(parts => parts.join('/')),
        fc.webPath(),
      )
      const accepted = new Map<string, string>()
      const property = fc.asyncProperty(path, async value => {
        const bytes = `bytes of ${value}`
        const url = `${draft}/files/${value.split('/').map(encodeURIComponent).join('/')}`
        const answer = await target.send({ method: 'PUT', target: url, body: bytes })
        if (answer.status !== 200) return void expectRefusal(answer, [400, 404, 409])
        expect(JSON.parse(answer.body.toString()).path).toBe(value)
        accepted.set(value, bytes)
        const read = await target.send({ target: url })
        expect(read.body.toString()).toBe(bytes)
        expect(read.headers['content-disposition']).toMatch(/^attachment(;|$)/)
      })
      await fc.assert(property, attempts(300))
      expect(accepted.size).toBeGreaterThan(50)
      expect(new Set(await listPaths())).toEqual(new Set(accepted.keys()))
    },
    FUZZ_TIMEOUT_MS,
  )

  test(
    'no request target of any kind makes the server fail or touch anything outside its folder',
    async () => {
      const before = await readdir(target.registry.dataDir)
      const piece = fc.oneof(
        fc.constantFrom(
          '/',
          '//',
          '.',
          '..',
          '%',
          '%2',
          '%2e',
          '%2f',
          '%5c',
          '%00',
          '%ff',
          '%c0%ae',
          '%u002e',
          ';',
          '?',
          '#',
        ),
        fc.constantFrom(
          'v1',
          'models',
          'files',
          'versions',
          'livez',
          'docs',
          'static',
          'openapi.json',
          '\\',
          '*',
          ':',
          '@',
        ),
        fc.string({ unit: fc.integer({ min: 0x21, max: 0xff }).map(code => String.fromCharCode(code)), maxLength: 5 }),
      )
      const prefix = fc.constantFrom('/', '/v1/', '/v1/models/', '/docs/', '/docs/static/', '', 'http://other.test/')
      const rest = fc.array(piece, { maxLength: 12 }).map(parts => parts.join(''))
      const method = fc.constantFrom('GET', 'PUT', 'DELETE', 'POST')
      const property = fc.asyncProperty(method, prefix, rest, fc.boolean(), async (method, prefix, rest, below) => {
        const answer = await target.send({ method, target: (below ? `${draft}/files/` : prefix) + rest, body: '' })
        // The pages of the docs move to their own folder.
        if (answer.status >= 400) parseRefusal(answer)
        else expect([200, 206, 302, 304]).toContain(answer.status)
      })
      await fc.assert(property, attempts(500))
      expect(await readdir(target.registry.dataDir)).toEqual(before)
    },
    FUZZ_TIMEOUT_MS,
  )
})
