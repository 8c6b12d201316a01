import { describe, expect, test } from 'vitest'
import { evaluatePreconditions, type Outcome } from './conditions.ts'

const etag = '"abc"'
const at = Date.parse('2026-01-31T12:00:00.789Z')
const file = { size: 10, etag, lastModified: at }
const same = 'Sat, 31 Jan 2026 12:00:00 GMT'
const before = 'Sat, 31 Jan 2026 11:59:59 GMT'
const later = 'Sat, 31 Jan 2026 12:00:01 GMT'

const whole: Outcome = { kind: 'whole' }
const notModified: Outcome = { kind: 'not-modified' }
const failed: Outcome = { kind: 'precondition-failed' }
const unsatisfiable: Outcome = { kind: 'unsatisfiable' }
const range = (start: number, end: number): Outcome => ({ kind: 'range', start, end })

describe('conditions', () => {
  test.each<[Record<string, string>, Outcome]>([
    [{}, whole],
    [{ 'if-none-match': etag }, notModified],
    [{ 'if-none-match': `W/${etag}` }, notModified],
    [{ 'if-none-match': `"x", ${etag}` }, notModified],
    [{ 'if-none-match': '*' }, notModified],
    [{ 'if-none-match': '"x"' }, whole],
    [{ 'if-none-match': 'abc' }, whole],
    [{ 'if-none-match': '' }, whole],
    [{ 'if-match': etag }, whole],
    [{ 'if-match': `"x",${etag}` }, whole],
    [{ 'if-match': '*' }, whole],
    [{ 'if-match': '"x"' }, failed],
    // Strong comparison: a weak tag proves nothing about bytes.
    [{ 'if-match': `W/${etag}` }, failed],
    [{ 'if-modified-since': same }, notModified],
    [{ 'if-modified-since': later }, notModified],
    [{ 'if-modified-since': before }, whole],
    [{ 'if-modified-since': 'not a date' }, whole],
    [{ 'if-unmodified-since': same }, whole],
    [{ 'if-unmodified-since': before }, failed],
    [{ 'if-unmodified-since': 'not a date' }, whole],
    // RFC 9110 §13.1: a date that is no HTTP date is ignored, however much a lenient parser makes of it.
    [{ 'if-unmodified-since': 'nonsense 1' }, whole],
    [{ 'if-unmodified-since': '2020' }, whole],
    // The tag is the better witness: with one, the date is not asked.
    [{ 'if-none-match': '"x"', 'if-modified-since': later }, whole],
    [{ 'if-match': etag, 'if-unmodified-since': before }, whole],
    [{ 'if-match': '"x"', 'if-none-match': etag }, failed],
    [{ 'if-none-match': etag, range: 'bytes=0-1' }, notModified],
    [{ 'if-match': '"x"', range: 'bytes=0-1' }, failed],
  ])('%j', (headers, verdict) => {
    expect(evaluatePreconditions(headers, file)).toEqual(verdict)
  })
})

// S23
describe('ranges of a file of 10 bytes', () => {
  test.each<[string, Outcome]>([
    ['bytes=0-0', range(0, 0)],
    ['bytes=0-9', range(0, 9)],
    ['bytes=3-', range(3, 9)],
    ['bytes=9-', range(9, 9)],
    ['bytes=-1', range(9, 9)],
    ['bytes=-10', range(0, 9)],
    ['bytes=-11', range(0, 9)],
    ['bytes=-9999999999999999', range(0, 9)],
    ['bytes=5-9999999999999999', range(5, 9)],
    ['Bytes=1-2', range(1, 2)],
    ['bytes= 1-2', range(1, 2)],
    ['bytes=10-', unsatisfiable],
    ['bytes=10-11', unsatisfiable],
    ['bytes=9999999999999999-', unsatisfiable],
    ['bytes=-0', unsatisfiable],
    // Not understood means the whole file, never an error.
    ['bytes=-', whole],
    ['bytes=5-4', whole],
    ['bytes=a-b', whole],
    ['bytes=1-2,4-5', whole],
    ['bytes=0-,0-,0-,0-', whole],
    ['bytes=1-2x', whole],
    ['bytes=0x1-2', whole],
    ['bytes=--1', whole],
    ['lines=1-2', whole],
    ['', whole],
    [`bytes=0-${'9'.repeat(5000)}`, range(0, 9)],
  ])('%s', (header, verdict) => {
    expect(evaluatePreconditions({ range: header }, file)).toEqual(verdict)
  })

  test.each<[string, Outcome]>([
    ['bytes=0-', unsatisfiable],
    ['bytes=-1', unsatisfiable],
    ['bytes=0-0', unsatisfiable],
  ])('of an empty file: %s', (header, verdict) => {
    expect(evaluatePreconditions({ range: header }, { ...file, size: 0 })).toEqual(verdict)
  })
})

describe('a range under a condition', () => {
  test.each<[string, Outcome]>([
    [etag, range(0, 1)],
    [same, range(0, 1)],
    // R20: a range of something else than what the client has begun would make a mixed file.
    ['"x"', whole],
    [`W/${etag}`, whole],
    [before, whole],
    [later, whole],
    ['not a date', whole],
    ['', whole],
  ])('If-Range: %s', (condition, verdict) => {
    expect(evaluatePreconditions({ range: 'bytes=0-1', 'if-range': condition }, file)).toEqual(verdict)
  })
})
