import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { formatReprDigest, parseMediaType, readDigest, readExpectations } from './digests.ts'

const hex = createHash('sha256').update('abc').digest('hex')
const base64 = createHash('sha256').update('abc').digest('base64')
const other = createHash('sha256').update('abd').digest('base64')
const dictionary = `sha-256=:${base64}:`

describe('declared digests', () => {
  test.each<[Record<string, string>, { size?: number; sha256?: string }]>([
    [{}, {}],
    [{ 'content-length': '3' }, { size: 3 }],
    [{ 'content-length': '0' }, { size: 0 }],
    [{ 'x-sha256': hex }, { sha256: hex }],
    [{ 'x-sha256': hex.toUpperCase() }, { sha256: hex }],
    [{ 'repr-digest': dictionary }, { sha256: hex }],
    [{ 'content-digest': dictionary }, { sha256: hex }],
    [{ 'repr-digest': `md5=:AAAA:, ${dictionary}` }, { sha256: hex }],
    [{ 'repr-digest': `${dictionary},sha-512=:AAAA:` }, { sha256: hex }],
    [{ 'repr-digest': `${dictionary}, ${dictionary}` }, { sha256: hex }],
    [{ 'repr-digest': dictionary, 'content-digest': dictionary, 'x-sha256': hex }, { sha256: hex }],
    // Other algorithms alone: nothing we could check.
    [{ 'repr-digest': 'sha-512=:AAAA:' }, {}],
    [{ 'content-encoding': 'identity' }, {}],
  ])('%j', (headers, expected) => {
    const { atEnd: _, ...declared } = readExpectations({ headers, trailers: {} })
    expect(declared).toEqual(expected)
  })

  test.each<[Record<string, string>, string]>([
    [{ 'x-sha256': '' }, 'x-sha256 must be a sha256 in 64 hex digits'],
    [{ 'x-sha256': hex.slice(1) }, 'x-sha256 must be a sha256 in 64 hex digits'],
    [{ 'x-sha256': `${hex}, ${hex}` }, 'x-sha256 must be a sha256 in 64 hex digits'],
    [{ 'x-sha256': base64 }, 'x-sha256 must be a sha256 in 64 hex digits'],
    [{ 'repr-digest': `sha-256=${base64}` }, 'repr-digest must read sha-256=:<base64 of 32 bytes>:'],
    [{ 'repr-digest': `sha-256=:${hex}:` }, 'repr-digest must read sha-256=:<base64 of 32 bytes>:'],
    [{ 'repr-digest': 'sha-256=::' }, 'repr-digest must read sha-256=:<base64 of 32 bytes>:'],
    [{ 'content-digest': 'sha-256' }, 'content-digest must read sha-256=:<base64 of 32 bytes>:'],
    [
      { 'repr-digest': dictionary, 'content-digest': `sha-256=:${other}:` },
      'sha256 is declared twice with different values',
    ],
    [{ 'repr-digest': dictionary, 'x-sha256': '0'.repeat(64) }, 'sha256 is declared twice with different values'],
    // The same header sent twice: neither value may win unseen.
    [{ 'repr-digest': `${dictionary}, sha-256=:${other}:` }, 'sha256 is declared twice with different values'],
    // S60: nothing is ever unpacked.
    [{ 'content-encoding': 'gzip' }, 'Content-Encoding is not supported: send the bytes as they are'],
    [{ 'content-encoding': 'identity, gzip' }, 'Content-Encoding is not supported: send the bytes as they are'],
    [{ 'content-range': 'bytes 0-1/2' }, 'Content-Range is not supported: send the whole file'],
  ])('%j is refused: %s', (headers, message) => {
    expect(() => readExpectations({ headers, trailers: {} })).toThrow(message)
  })

  test('what we answer can be read back', () => {
    expect(formatReprDigest(hex)).toBe(dictionary)
    expect(readDigest({ 'repr-digest': formatReprDigest(hex) })).toEqual({ sha256: hex })
  })
})

describe('the media type that a sender gives', () => {
  test.each<[string | undefined, string]>([
    ['application/json', 'application/json'],
    ['Application/JSON; charset=utf-8', 'application/json'],
    [' text/plain ', 'text/plain'],
    ['application/vnd.x+json', 'application/vnd.x+json'],
    // Anything else is told on as neutral bytes.
    [undefined, 'application/octet-stream'],
    ['', 'application/octet-stream'],
    ['weird', 'application/octet-stream'],
    ['text/html\r\nx: y', 'application/octet-stream'],
    ['a/b c', 'application/octet-stream'],
    [`a/${'b'.repeat(61)}`, 'application/octet-stream'],
  ])('%j becomes %s', (header, type) => {
    expect(parseMediaType(header)).toBe(type)
  })
})
