/** What people write: names, descriptions, messages, tags and metadata come back as they went in, or are refused (S14, S51, S69). */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attempts, expectAlive, FUZZ_TIMEOUT_MS, startTarget, type Target } from './support.ts'

let target: Target
let modelId: string

beforeAll(async () => {
  target = await startTarget()
  modelId = (await target.sendJson('POST', '/v1/models', { name: 'notes' })).body.id
})
afterAll(async () => {
  await expectAlive(target)
  await target.close()
})

/** Any character, and often one of those that have broken something somewhere. */
const character = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  fc.constantFrom('\u202e', '\u2066', '\u200f', '\u200b', '\ufeff', '\u2028', '\ufffe', '\u{e0041}', 'e\u0301', '😀'),
  fc.constantFrom('\0', '\n', '\r', '\t', '\u001b', '\u007f', '\u0085', '\ud800', '\udfff', "'", '"', '\\', '%', '<'),
)
const text = fc.oneof(
  fc.string({ unit: character, maxLength: 20 }),
  // Around the limits, counted in characters: an emoji is one character and two units of UTF-16.
  fc
    .tuple(fc.constantFrom('a', 'ä', '😀'), fc.constantFrom(0, 1, 119, 120, 121, 254, 255, 256, 10_000, 10_001))
    .map(([unit, count]) => unit.repeat(count)),
)

const isStorable = (value: string) => value.isWellFormed() && !value.includes('\0')
/** Names are kept in normal form C, which may have more characters than what was sent, or fewer: neither may be too many. */
const isName = (sent: string, max: number) => {
  const value = sent.normalize('NFC')
  const length = Math.max([...value].length, [...sent].length)
  return isStorable(value) && !/[\p{Cc}\u2028\u2029]/u.test(value) && value.trim() !== '' && length <= max
}
const isText = (value: string, max: number) => isStorable(value) && [...value].length <= max

describe('text', () => {
  test(
    'a model keeps any name and description that the rules allow, to the character, and refuses all others',
    async () => {
      const property = fc.asyncProperty(text, fc.option(text), async (name, description) => {
        const { status, body } = await target.sendJson('POST', '/v1/models', { name, description })
        const allowed = isName(name, 255) && (description === null || isText(description, 10_000))
        expect(status).toBe(allowed ? 200 : 400)
        if (!allowed) return
        const { body: read } = await target.sendJson('GET', `/v1/models/${body.id}`, undefined)
        expect(read).toEqual({ ...body, name: name.normalize('NFC'), description })
        const { body: found } = await target.sendJson('GET', `/v1/models?name=${encodeURIComponent(name)}`, undefined)
        expect(found.items.map((model: { name: string }) => model.name)).toContain(name.normalize('NFC'))
      })
      await fc.assert(property, attempts(300))
    },
    FUZZ_TIMEOUT_MS,
  )

  test(
    'projects, keys and users follow the same rules for their names',
    async () => {
      const places = [
        { path: '/projects', more: {} },
        { path: '/users', more: {} },
        { path: '/api-keys', more: { role: 'reader' } },
      ]
      const property = fc.asyncProperty(fc.constantFrom(...places), text, async ({ path, more }, name) => {
        const answer = await target.registry.admin.post(path, { name, ...more })
        expect(answer.statusCode).toBe(isName(name, 120) ? 200 : 400)
        if (answer.statusCode === 200) expect(answer.json().name).toBe(name.normalize('NFC'))
      })
      await fc.assert(property, attempts(150))
    },
    FUZZ_TIMEOUT_MS,
  )

  test(
    'a version keeps its message and its tags',
    async () => {
      const tag = fc.oneof(text, fc.constantFrom('prod', 'a b', 'ü'))
      const property = fc.asyncProperty(text, fc.array(tag, { maxLength: 5 }), async (message, tags) => {
        const { status, body } = await target.sendJson('POST', `/v1/models/${modelId}/versions`, {
          message,
          tags: tags.join(','),
        })
        const wanted = new Set(
          tags
            .join(',')
            .split(',')
            // Two that look alike are one.
            .map(item => item.trim().normalize('NFC'))
            .filter(item => item !== ''),
        )
        const allowed =
          isText(message, 10_000) && isStorable(tags.join(',')) && [...wanted].every(item => isName(item, 100))
        expect(status).toBe(allowed ? 200 : 400)
        if (!allowed) return
        const { body: read } = await target.sendJson('GET', `/v1/models/${modelId}/versions/${body.version}`, undefined)
        expect(read.message).toBe(message)
        expect(new Set(read.tags)).toEqual(wanted)
      })
      await fc.assert(property, attempts(150))
    },
    FUZZ_TIMEOUT_MS,
  )

  test(
    'metadata comes back deeply equal, or is refused for what JSON or Unicode has no honest place for',
    async () => {
      const key = fc.oneof(
        fc.string({ unit: character, maxLength: 10 }),
        fc.nat().map(String),
        fc.constantFrom('toString', 'hasOwnProperty', '', '__proto__', 'constructor', 'prototype', '$ref', 'id'),
      )
      const metadata = fc.dictionary(key, fc.jsonValue({ stringUnit: character, maxDepth: 4 }), { maxKeys: 8 })
      const property = fc.asyncProperty(metadata, async value => {
        const path = `/v1/models/${modelId}/versions`
        const { status, body } = await target.sendJson('POST', path, { metadata: value })
        expect([200, 400]).toContain(status)
        // One of the places where a refusal would be wrong: nothing unusual in it.
        const json = JSON.stringify(value)
        if (!/__proto__|constructor|\\ud|\\u0000/.test(json)) expect({ status, json }).toEqual({ status: 200, json })
        if (status !== 200) return
        const { body: read } = await target.sendJson('GET', `${path}/${body.version}`, undefined)
        expect(read.metadata).toEqual(JSON.parse(json))
        expect(JSON.stringify(read.metadata)).toBe(JSON.stringify(JSON.parse(json)))
      })
      await fc.assert(property, attempts(300))
    },
    FUZZ_TIMEOUT_MS,
  )
})
