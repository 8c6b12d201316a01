import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { formatKey, hashSecret, newKeyText, parseKey } from './api-key.ts'
import { newId } from './ids.ts'

const id = 'ak0123456789abc'
const secret = 'S'.repeat(32)

describe('the text of a key', () => {
  test('a fresh key is read back as it was written', () => {
    const text = newKeyText(newId('apiKey'))
    expect(parseKey(formatKey(text))).toEqual(text)
  })

  test('has only what the official Paperspace client keeps of a key typed at its prompt', () => {
    for (let count = 0; count < 50; count++) expect(formatKey(newKeyText(newId('apiKey')))).toMatch(/^[A-Za-z0-9_-]+$/)
  })

  test('no two secrets are the same, and each has 40 characters', () => {
    const secrets = Array.from({ length: 200 }, () => newKeyText(id).secret)
    expect(new Set(secrets).size).toBe(200)
    expect(new Set(secrets.map(text => text.length))).toEqual(new Set([40]))
  })

  test.each([32, 128])('a secret of %i characters is taken', length => {
    expect(parseKey(`ht_${id}_${'a'.repeat(length)}`)).toEqual({ id, secret: 'a'.repeat(length) })
  })

  test('a secret may have "_" and "-" in it', () => {
    expect(parseKey(`ht_${id}_${'_-'.repeat(16)}`)?.secret).toBe('_-'.repeat(16))
  })

  test.each([
    '',
    'ht_',
    `ht_${id}`,
    `ht_${id}_`,
    `ht_${id}_${'a'.repeat(31)}`,
    `ht_${id}_${'a'.repeat(129)}`,
    `HT_${id}_${secret}`,
    `ht_${id.toUpperCase()}_${secret}`,
    `ht_mo0123456789abc_${secret}`,
    `ht_ak0123_${secret}`,
    ` ht_${id}_${secret}`,
    `ht_${id}_${secret}\n`,
    `ht_${id}_${secret}é`,
    `ht_${id}_${secret.slice(1)}.`,
  ])('%j is no key', text => {
    expect(parseKey(text)).toBeUndefined()
  })

  test('what is stored is the sha256 of the secret alone', () => {
    expect(hashSecret(secret)).toBe(createHash('sha256').update(secret).digest('hex'))
  })
})
