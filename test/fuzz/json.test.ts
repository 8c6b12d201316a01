/** JSON bodies that are too deep, too large, not quite JSON, or JSON that means something else to the next reader (S51, S61). */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectRefusal, expectSoundAnswer } from '../hostile/answers.ts'
import { attempts, expectAlive, FUZZ_TIMEOUT_MS, startTarget, type Target } from './support.ts'

const MIB = 1024 * 1024
let target: Target
let versions: string

beforeAll(async () => {
  target = await startTarget()
  const { body: model } = await target.sendJson('POST', '/v1/models', { name: 'json' })
  versions = `/v1/models/${model.id}/versions`
})
afterAll(async () => {
  await expectAlive(target)
  await target.close()
})

const sendBody = (body: string | Buffer, url = versions) =>
  target.send({ method: 'POST', target: url, headers: [['content-type', 'application/json']], body })

const nested = (depth: number, open: string, close: string, core = '1') =>
  open.repeat(depth) + core + close.repeat(depth)
const metadata = (value: string) => `{"metadata":{"x":${value}}}`

const UNREADABLE: Record<string, string | Buffer> = {
  'nested lists, 65 levels in all': metadata(nested(63, '[', ']')),
  'nested lists, 100,000 levels': metadata(nested(100_000, '[', ']')),
  'nested objects, 100,000 levels': metadata(nested(100_000, '{"a":', '}')),
  'half a million open brackets': '['.repeat(500_000),
  'a key __proto__': '{"__proto__":{"isAdmin":true},"message":"x"}',
  'a key __proto__ written in escapes': '{"\\u005f\\u005fproto__":{"isAdmin":true}}',
  'a key __proto__ deep inside': metadata('[[{"__proto__":null}]]'),
  'a constructor with a prototype': metadata('{"constructor":{"prototype":{"isAdmin":true}}}'),
  'a number beyond a double': metadata('1e400'),
  'a negative number beyond a double': metadata('[[-1e400]]'),
  'a whole number that would be rounded': metadata('9007199254740993'),
  'a 64-bit seed': metadata('{"seed":12345678901234567891}'),
  'a number of 400 digits': metadata('1'.repeat(400)),
  'a lone high surrogate': metadata('"\\ud800"'),
  'a lone low surrogate in a key': metadata('{"\\udc00x":1}'),
  'surrogates in the wrong order': metadata('"\\udc00\\ud800"'),
  'a NUL in a text': metadata('"a\\u0000b"'),
  'a NUL in a key': metadata('{"\\u0000":1}'),
  'a surrogate in UTF-8': Buffer.from('7b226d657373616765223a22eda080227d', 'hex'),
  'an overlong slash': Buffer.from('7b226d657373616765223a22c0af227d', 'hex'),
  'Latin-1': Buffer.from('{"message":"ä"}', 'latin1'),
  'UTF-16': Buffer.from('{"message":"x"}', 'utf16le'),
  NaN: metadata('NaN'),
  Infinity: metadata('-Infinity'),
  'a hex number': metadata('0x10'),
  'a leading zero': metadata('010'),
  'a leading plus': metadata('+1'),
  'a bare point': metadata('1.'),
  'single quotes': "{'message':'x'}",
  'a comment': '{"message":"x"/* */}',
  'a trailing comma': '{"message":"x",}',
  'trailing garbage': '{"message":"x"} x',
  'two documents': '{"message":"x"}{"message":"y"}',
  'a line break in a text': '{"message":"a\nb"}',
  'half a document': '{"message":"x',
  'only a space': ' ',
  undefined: 'undefined',
  'a cycle in words': '{"$ref":#}',
}

const WRONG_ROOTS = ['5', '"x"', 'true', 'false', '[]', '[{"message":"x"}]', '-0', '1e5', '""']

describe('JSON bodies', () => {
  test.each(Object.entries(UNREADABLE))('%s can not be read, and the answer says so', async (_what, body) => {
    const message = expectRefusal(await sendBody(body), [400])
    expect(message).toMatch(/^the body can't be read as JSON: /)
    // What was sent is not sent back at length.
    expect(message.length).toBeLessThan(600)
  })

  test.each(WRONG_ROOTS)('%s is no object', async body => {
    expectRefusal(await sendBody(body), [400])
    expectRefusal(await sendBody(body, '/v1/models'), [400])
  })

  test.each([
    ['a byte order mark', '\ufeff{"message":"x"}', 'x'],
    ['white space of all kinds', '\r\n\t {"message" \n:\t"x"} \r\n', 'x'],
    ['a pair of surrogates in escapes', '{"message":"\\ud83d\\ude00"}', '😀'],
    ['unknown keys', '{"message":"x","isCommitted":true,"userId":"us1","number":7,"createdAt":0}', 'x'],
  ])('%s', async (_what, body, message) => {
    const answer = await sendBody(body)
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body.toString())).toMatchObject({ message, isCommitted: false })
  })

  test.each([
    ['minus zero and tiny numbers', '[-0,1e-400,5e-324,1.7976931348623157e308,0.1,1E2,-1.5e-7]'],
    ['the largest whole numbers', '[9007199254740992,-9007199254740991,123456789012345680000,1e21]'],
    ['keys that look like positions', '{"1":"a","0":"b","4294967295":"c","-1":"d","01":"e","1.5":"f"}'],
    [
      'keys that objects have',
      '{"toString":1,"hasOwnProperty":2,"constructor":3,"prototype":4,"length":5,"then":6,"toJSON":7}',
    ],
    ['64 levels in all', nested(61, '[', ']')],
    ['digits in a text', '"12345678901234567890 and \\"98765432109876543210\\""'],
    ['an empty key', '{"":{"":[]}}'],
  ])('%s come back as they were', async (_what, value) => {
    const answer = await sendBody(metadata(value))
    expect(answer.status, answer.body.toString()).toBe(200)
    const { version } = JSON.parse(answer.body.toString())
    const read = JSON.parse((await target.send({ target: `${versions}/${version}` })).body.toString())
    // Written once by JavaScript, `-0` is `0` and `1e2` is `100`: the same numbers.
    expect(JSON.stringify(read.metadata)).toBe(JSON.stringify(JSON.parse(`{"x":${value}}`)))
  })

  test('a body of 1 MiB is read, one byte more is not', async () => {
    const body = (size: number) => Buffer.from(`{"message":"x"}${' '.repeat(size - 15)}`)
    expect((await sendBody(body(MIB))).status).toBe(200)
    expect(expectRefusal(await sendBody(body(MIB + 1)), [413])).toContain('1 MiB')
  })

  test('metadata of 64 KiB is kept, one byte more is not', async () => {
    const body = (size: number) => metadata(`"${'a'.repeat(size - 8)}"`)
    expect((await sendBody(body(64 * 1024))).status).toBe(200)
    expect(expectRefusal(await sendBody(body(64 * 1024 + 1)), [400])).toContain('metadata')
  })

  test.each([
    ['a hundred thousand keys', `{${Array.from({ length: 80_000 }, (_, index) => `"k${index}":1`).join(',')}}`],
    [
      'keys whose hashes were once predictable',
      `{${Array.from({ length: 60_000 }, (_, i) => `"${i * 65_536}":1`).join(',')}}`,
    ],
    ['one list of half a million', `[${'1,'.repeat(500_000)}1]`],
    ['numbers of a thousand digits', `[${`0.${'1'.repeat(1000)},`.repeat(900)}1]`],
    ['a text full of escapes', `"${'\\u0061'.repeat(170_000)}"`],
    ['a text full of quotes and digits', `"${'\\"1234567890123456\\\\'.repeat(40_000)}"`],
  ])('%s within 1 MiB are dealt with in no time', async (_what, value) => {
    expect(Buffer.byteLength(value)).toBeLessThan(MIB)
    const answers = await Promise.all(Array.from({ length: 5 }, () => sendBody(metadata(value))))
    for (const answer of answers) expectSoundAnswer(answer)
  })

  test('nothing of a refused body sticks to the process', async () => {
    await sendBody('{"__proto__":{"polluted":true}}')
    await sendBody('{"constructor":{"prototype":{"polluted":true}}}')
    await target.send({ target: '/v1/models?__proto__[polluted]=true&constructor[prototype][polluted]=true' })
    expect('polluted' in {}).toBe(false)
  })

  test(
    'any JSON at any place that takes a body gives a success or a refusal with a reason',
    async () => {
      const { admin } = target.registry
      const { body: model } = await target.sendJson('POST', '/v1/models', { name: 'any' })
      const places = fc.constantFrom(
        ...(['/models', '/projects', '/api-keys', '/users', '/teams', `/models/${model.id}/versions`] as const).map(
          path => ['POST', path] as const,
        ),
        ['PUT', `/models/${model.id}`] as const,
        ['PUT', `/models/${model.id}/versions/1`] as const,
        ['PUT', `/models/${model.id}/aliases/production`] as const,
      )
      const fields = [
        'name',
        'description',
        'isPublic',
        'projectId',
        'storageProviderId',
        'message',
        'metadata',
        'tags',
      ]
      const others = ['isCommitted', 'version', 'role', 'dtExpires', 'userId', 'email', 'namespace', '__proto__', 'id']
      const scalar = fc.oneof(
        fc.constantFrom(
          null,
          true,
          '',
          'x',
          'admin',
          '2999-01-01T00:00:00Z',
          '9999-12-31T23:59:59-23:59',
          '2026-02-30',
          '@',
        ),
        fc.constantFrom(0, -1, 1.5, 1e21, 2 ** 53, '😀'.repeat(300), 'a@b'),
        fc.jsonValue({ maxDepth: 2 }),
      )
      const body = fc.oneof(
        { weight: 9, arbitrary: fc.dictionary(fc.constantFrom(...fields, ...others), scalar, { maxKeys: 6 }) },
        { weight: 1, arbitrary: fc.jsonValue() },
      )
      const property = fc.asyncProperty(places, body, async ([method, path], body) => {
        const headers = [
          ['content-type', 'application/json'],
          ['authorization', `Bearer ${admin.key}`],
        ] as const
        expectSoundAnswer(await target.send({ method, target: `/v1${path}`, headers, body: JSON.stringify(body) }))
      })
      await fc.assert(property, attempts(500))
      const lists = ['/models', '/projects', '/api-keys', '/users', '/teams', `/models/${model.id}/versions`]
      for (const list of lists) expect((await admin.get(`${list}?limit=120`)).statusCode).toBe(200)
    },
    FUZZ_TIMEOUT_MS,
  )

  test(
    'bytes that are hardly JSON give a refusal with a reason',
    async () => {
      const piece = fc.oneof(
        fc.constantFrom(
          '{',
          '}',
          '[',
          ']',
          ',',
          ':',
          '"',
          '\\',
          'null',
          '1e',
          '-',
          '\\u',
          '\\ud8',
          '\ufeff',
          '"message"',
          '\0',
        ),
        fc.string({ unit: 'binary', maxLength: 4 }),
      )
      const bytes = fc.oneof(
        fc.array(piece, { maxLength: 20 }).map(parts => Buffer.from(parts.join(''))),
        fc.uint8Array({ maxLength: 60 }).map(bytes => Buffer.from(bytes)),
      )
      const property = fc.asyncProperty(bytes, async bytes => expectSoundAnswer(await sendBody(bytes)))
      await fc.assert(property, attempts(400))
    },
    FUZZ_TIMEOUT_MS,
  )
})
