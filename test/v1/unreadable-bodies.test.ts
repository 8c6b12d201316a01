/** Bodies that are no JSON, or JSON that can't be kept: refused in words, before any operation sees them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

const json = { 'content-type': 'application/json' }

describe('a body that cannot be read', () => {
  test.each<[string, string | Buffer, Record<string, string>, number, string, RegExp]>([
    ['malformed JSON', '{"name": ', json, 400, 'BAD_REQUEST', /^the body can't be read as JSON: /],
    ['JSON with something behind it', '{"name":"x"} x', json, 400, 'BAD_REQUEST', /^the body can't be read as JSON: /],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), json, 400, 'BAD_REQUEST', /it is not valid UTF-8$/],
    ['a lone surrogate', '{"name":"\\ud800"}', json, 400, 'BAD_REQUEST', /not valid Unicode \(lone surrogate\)$/],
    ['a NUL', '{"name":"a\\u0000"}', json, 400, 'BAD_REQUEST', /a text in it has a NUL character$/],
    ['a number beyond all bounds', '{"name":1e400}', json, 400, 'BAD_REQUEST', /a number in it is out of range$/],
    // S61
    [
      'deep nesting',
      '['.repeat(100_000) + ']'.repeat(100_000),
      json,
      400,
      'BAD_REQUEST',
      /nested deeper than 64 levels$/,
    ],
    [
      'more than 1 MiB',
      `{"name":"${'x'.repeat(2 ** 20)}"}`,
      json,
      413,
      'PAYLOAD_TOO_LARGE',
      /^a JSON body may have at most 1 MiB$/,
    ],
    // S51
    [
      'a prototype',
      '{"name":"x","__proto__":{"isPublic":true}}',
      json,
      400,
      'BAD_REQUEST',
      /^the body can't be read as JSON: /,
    ],
    [
      'a constructor',
      '{"name":"x","constructor":{"prototype":{}}}',
      json,
      400,
      'BAD_REQUEST',
      /^the body can't be read as JSON: /,
    ],
    // S53: no odd spelling of the type may lead around the checks.
    ['text', '{"name":"x"}', { 'content-type': 'text/plain' }, 415, 'BAD_REQUEST', /^the body must be JSON/],
    [
      'a form',
      'name=x',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'BAD_REQUEST',
      /^the body must be JSON/,
    ],
    ['no type', '{"name":"x"}', {}, 415, 'BAD_REQUEST', /^the body must be JSON/],
    [
      'a type like JSON',
      '{"name":5}',
      { 'content-type': 'application/jsonx' },
      415,
      'BAD_REQUEST',
      /^the body must be JSON/,
    ],
    [
      'a type with a tab',
      '{"name":5}',
      { 'content-type': 'application/json\t; a=b' },
      400,
      'BAD_REQUEST',
      /^name must be a string$/,
    ],
    [
      'a type in capitals',
      '{"name":5}',
      { 'content-type': 'APPLICATION/JSON' },
      400,
      'BAD_REQUEST',
      /^name must be a string$/,
    ],
  ])('%s', async (_what, body, headers, status, code, message) => {
    const answer = await r.writer.post('/models', body, headers)
    expect(answer.json()).toMatchObject({ code, message: expect.stringMatching(message) })
    expect(answer.statusCode).toBe(status)
  })
})
