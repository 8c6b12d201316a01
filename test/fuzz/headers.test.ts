/** Headers of every shape (S52, S53, S54), and methods nobody expects. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectRefusal, expectSoundAnswer } from '../hostile/answers.ts'
import { keepModel } from '../support/registry.ts'
import { attempts, expectAlive, FUZZ_TIMEOUT_MS, startTarget, type Target } from './support.ts'

const BYTES = 'the bytes of one file'
let target: Target
let file: string

beforeAll(async () => {
  target = await startTarget()
  const { id, version } = await keepModel(target.registry.writer, { 'weights.bin': BYTES })
  file = `/v1/models/${id}/versions/${version}/files/weights.bin`
})
afterAll(async () => {
  await expectAlive(target)
  await target.close()
})

/** What may stand in a header's value on the wire: anything but the end of the line. */
const value = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map(code => String.fromCharCode(code)), maxLength: 40 }),
  fc.constantFrom('', ' ', '\t', '*', ',', ',,,', '""', '"', 'W/', '\\', ';', '=', '__proto__', '\u0000', '\u0001'),
)

describe('headers', () => {
  test(
    'no Authorization but the key itself opens the door',
    async () => {
      const key = String(target.registry.writer.key)
      const [id, secret] = [key.slice(0, key.lastIndexOf('_')), key.slice(key.lastIndexOf('_') + 1)]
      const scheme = fc.constantFrom(
        'Bearer ',
        'bearer\t',
        'Basic ',
        'Bearer',
        '',
        'Token ',
        'Bearer Bearer ',
        ' Bearer  ',
      )
      const credential = fc.oneof(
        value,
        fc.constantFrom(
          `${id}_`,
          `_${secret}`,
          secret,
          id,
          `${key}x`,
          key.slice(0, -1),
          key.toUpperCase(),
          `${key}, ${key}`,
        ),
        fc.constantFrom(
          `${key} `.repeat(2),
          `"${key}"`,
          `ht_${'a'.repeat(5000)}`,
          'ht___proto___x',
          `${id}_${'0'.repeat(32)}`,
        ),
        fc.base64String({ maxLength: 60 }),
      )
      const property = fc.asyncProperty(scheme, credential, async (scheme, credential) => {
        const authorization = ['authorization', scheme + credential] as const
        expectRefusal(await target.send({ target: '/v1/models', headers: [authorization] }), [400, 401])
      })
      await fc.assert(property, attempts(250))
    },
    FUZZ_TIMEOUT_MS,
  )

  test(
    'conditions and ranges of any kind give the right bytes, none, or a clear refusal',
    async () => {
      const etag = `"${(await target.send({ target: file })).headers['etag']?.replaceAll('"', '')}"`
      const tag = fc.constantFrom(etag, `W/${etag}`, '"other"', '*', '', etag.slice(0, -1), `${etag}${etag}`)
      const tags = fc.array(tag, { maxLength: 4 }).map(list => list.join(', '))
      const date = fc.oneof(
        fc.date({ noInvalidDate: true }).map(date => date.toUTCString()),
        fc.constantFrom('0', '-1', 'Sat'),
      )
      const bound = fc.oneof(
        fc.constant(''),
        fc.nat(40).map(String),
        fc.constantFrom('-0', '99999999999999999999', '1e3', 'x'),
      )
      const range = fc.oneof(
        fc.tuple(bound, bound).map(([first, last]) => `bytes=${first}-${last}`),
        fc
          .array(
            fc.tuple(bound, bound).map(ends => ends.join('-')),
            { maxLength: 50 },
          )
          .map(all => `bytes=${all.join(',')}`),
        value,
      )
      const header = fc.oneof(
        fc.tuple(fc.constant('range'), range),
        fc.tuple(fc.constantFrom('if-match', 'if-none-match', 'if-range'), fc.oneof(tags, date, value)),
        fc.tuple(fc.constantFrom('if-modified-since', 'if-unmodified-since'), fc.oneof(date, value)),
      )
      const property = fc.asyncProperty(fc.array(header, { maxLength: 4 }), fc.boolean(), async (headers, isHead) => {
        const answer = await target.send({ target: file, headers, method: isHead ? 'HEAD' : 'GET' })
        expect([200, 206, 304, 400, 412, 416]).toContain(answer.status)
        if (isHead) return
        expectSoundAnswer(answer)
        if (answer.status === 200) expect(answer.body.toString()).toBe(BYTES)
        if (answer.status !== 206) return
        const [, first, last] = /^bytes (\d+)-(\d+)\/21$/.exec(answer.headers['content-range'] ?? '') ?? []
        expect(answer.body.toString()).toBe(BYTES.slice(Number(first), Number(last) + 1))
        expect(answer.body.length).toBeGreaterThan(0)
      })
      await fc.assert(property, attempts(400))
    },
    FUZZ_TIMEOUT_MS,
  )

  test(
    'a declared digest is either checked or refused, whatever it looks like',
    async () => {
      const { body: model } = await target.sendJson('POST', '/v1/models', { name: 'digests' })
      await target.sendJson('POST', `/v1/models/${model.id}/versions`, {})
      const base64 = fc.uint8Array({ minLength: 31, maxLength: 33 }).map(bytes => Buffer.from(bytes).toString('base64'))
      const digest = fc.oneof(
        fc
          .tuple(fc.constantFrom('sha-256', 'SHA-256', 'sha-512', 'md5', 'sha-256 '), base64)
          .map(([a, b]) => `${a}=:${b}:`),
        fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: 63, maxLength: 65 }),
        value,
      )
      const headers = fc.array(fc.tuple(fc.constantFrom('repr-digest', 'content-digest', 'x-sha256'), digest), {
        minLength: 1,
        maxLength: 3,
      })
      let count = 0
      const property = fc.asyncProperty(headers, async headers => {
        const url = `/v1/models/${model.id}/versions/1/files/file-${count++}`
        const answer = await target.send({ method: 'PUT', target: url, headers, body: 'bytes' })
        // None of them is right: what was taken had none that we check.
        if (answer.status === 200) {
          for (const [name, value] of headers) {
            expect(name).not.toBe('x-sha256')
            expect(value).not.toMatch(/(^|,)\s*sha-256\s*=/i)
          }
          return
        }
        expectRefusal(answer, [400])
        expect((await target.send({ target: url })).status).toBe(404)
      })
      await fc.assert(property, attempts(200))
    },
    FUZZ_TIMEOUT_MS,
  )

  test.each([
    ...[
      'application/json',
      'application/json;charset=utf-8',
      'APPLICATION/JSON',
      'application/json ; x=y',
      '\tapplication/json',
    ],
    ...['application/json\t', 'application/json;', ' application/json'],
  ])('a body announced as %j is checked like any other', async type => {
    const headers = [['content-type', type]] as const
    const answer = await target.send({ method: 'POST', target: '/v1/models', headers, body: '{"name":5}' })
    expect(expectRefusal(answer, [400])).toContain('name must be')
  })

  test.each([
    ...[
      'text/plain',
      'application/jsonp',
      'application/json/x',
      'application/vnd.api+json',
      '*/*',
      'json',
      'application/',
    ],
    ...['application\\json', 'text/json', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', ','],
  ])('a body announced as %j is not looked at', async type => {
    const headers = [['content-type', type]] as const
    expectRefusal(
      await target.send({ method: 'POST', target: '/v1/models', headers, body: '{"name":"x"}' }),
      [400, 415],
    )
  })

  test(
    'headers of any name and number, huge or sent often, never hurt',
    async () => {
      const name = fc.oneof(
        fc.constantFrom(
          '__proto__',
          'constructor',
          'prototype',
          'hasOwnProperty',
          'toString',
          'x-client',
          'accept',
          'cookie',
        ),
        fc.constantFrom(
          'x-http-method-override',
          'x-method-override',
          'x-original-url',
          'x-rewrite-url',
          'forwarded',
          'via',
        ),
        fc.constantFrom(
          'x-forwarded-host',
          'x-forwarded-proto',
          'accept-encoding',
          'origin',
          'referer',
          'expect-ct',
          'te',
        ),
        fc.constantFrom(
          'access-control-request-method',
          'content-encoding',
          'accept-version',
          'host',
          'upgrade',
          'trailer',
        ),
        fc.string({ unit: fc.constantFrom(...'abcXYZ0189!#$%&*+.^_`|~-'), minLength: 1, maxLength: 20 }),
      )
      const content = fc.oneof(
        value,
        fc.nat(3000).map(count => 'a'.repeat(count)),
        fc.constantFrom('DELETE', '../../x'),
      )
      const headers = fc.array(fc.tuple(name, content), { maxLength: 30 })
      const property = fc.asyncProperty(headers, fc.constantFrom('/v1/models', file), async (headers, url) => {
        expectSoundAnswer(await target.send({ target: url, headers }))
      })
      await fc.assert(property, attempts(250))
      expect((await target.send({ target: file })).body.toString()).toBe(BYTES)
    },
    FUZZ_TIMEOUT_MS,
  )
})

describe('methods', () => {
  test.each(['TRACE', 'PATCH', 'OPTIONS', 'QUERY'])('%s is told which methods there are', async method => {
    for (const url of ['/v1/models', file]) {
      const headers = [['x-secret', 'is not sent back']] as const
      const answer = await target.send({ method, target: url, headers })
      expectRefusal(answer, [405])
      expect(answer.headers['allow']).toContain('GET')
      expect(answer.body.toString()).not.toContain('is not sent back')
    }
  })

  test.each([
    ...[
      'PROPFIND',
      'SEARCH',
      'LOCK',
      'PURGE',
      'LINK',
      'SOURCE',
      'M-SEARCH',
      'get',
      'BREW',
      'G',
      'GETT',
      'DELETE\t',
      '__proto__',
    ],
    '',
  ])('%j changes nothing and is refused', async method => {
    const answer = await target.send({ method, target: file, body: '' })
    expectRefusal(answer, [400, 404, 405])
    expect((await target.send({ target: file })).status).toBe(200)
  })

  test.each(['x-http-method-override', 'x-http-method', 'x-method-override'])('%s overrides nothing', async name => {
    const answer = await target.send({ method: 'GET', target: file, headers: [[name, 'DELETE']] })
    expect(answer.body.toString()).toBe(BYTES)
    const viaQuery = await target.send({ method: 'GET', target: `${file}?_method=DELETE` })
    expect(viaQuery.body.toString()).toBe(BYTES)
  })
})
