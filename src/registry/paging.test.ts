import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { looksLikeDate } from '../../test/support/dates.ts'
import type { PageRequest, Rows, Slice } from '../domain/paging.ts'
import { createCursors } from './cursors.ts'
import { pageBySequence, pageByText } from './paging.ts'

const registry = { cursors: createCursors(randomBytes(32).toString('base64')) }

describe('pages of a list that grows in time', () => {
  const page = (request: PageRequest, query: (slice: Slice<number>) => Promise<Rows<never, number>>) =>
    pageBySequence(registry, { scope: ['things', 'te1'], request, query })

  test('asks for 50 items, newest first, unless told otherwise', async () => {
    let asked: Slice<number> | undefined
    await page({}, async slice => {
      asked = slice
      return { items: [], next: undefined }
    })
    expect(asked).toEqual({ after: undefined, limit: 50, order: 'desc' })
  })

  test('a cursor leads back to the position it was made from, and never looks like a date', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 51 }), async next => {
        const { nextPage } = await page({}, async () => ({ items: [], next }))
        expect(looksLikeDate(String(nextPage))).toBe(false)
        expect(nextPage).toMatch(/^[a-z]/)
        const seen: unknown[] = []
        await page({ after: nextPage ?? undefined }, async slice => {
          seen.push(slice.after)
          return { items: [], next: undefined }
        })
        expect(seen).toEqual([next])
      }),
      { numRuns: 200, seed: 1 },
    )
  })
})

describe('pages of a list that is sorted by a text', () => {
  const page = (request: PageRequest, query: (slice: Slice<string>) => Promise<Rows<never, string>>) =>
    pageByText(registry, { scope: ['paths', 'te1'], request, query })

  test('asks for 50 items, ascending, unless told otherwise', async () => {
    let asked: Slice<string> | undefined
    await page({}, async slice => {
      asked = slice
      return { items: [], next: undefined }
    })
    expect(asked).toEqual({ after: undefined, limit: 50, order: 'asc' })
  })

  test('a cursor leads back to the path it was made from, and never looks like a date', async () => {
    const path = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
    await fc.assert(
      fc.asyncProperty(path, async next => {
        const { nextPage } = await page({}, async () => ({ items: [], next }))
        expect(looksLikeDate(String(nextPage))).toBe(false)
        const seen: unknown[] = []
        await page({ after: nextPage ?? undefined }, async slice => {
          seen.push(slice.after)
          return { items: [], next: undefined }
        })
        expect(seen).toEqual([next])
      }),
      { numRuns: 200, seed: 1 },
    )
  })
})

describe('a cursor', () => {
  const { cursors } = registry
  const refusal = 'after must be the nextPage of an earlier answer of the same list'

  test('tells nothing: the same position looks different each time, and all positions are alike in length', () => {
    const [one, two, far] = [cursors.seal('a', '1001'), cursors.seal('a', '1001'), cursors.seal('a', '9999')]
    expect(one).not.toBe(two)
    expect(far).toHaveLength(one.length)
  })

  test.each([
    ['of another list', () => cursors.seal('b', '5')],
    ['of another installation', () => createCursors(randomBytes(32).toString('base64')).seal('a', '5')],
    ['with one character changed', () => changeLast(cursors.seal('a', '5'))],
    ['cut short', () => cursors.seal('a', '5').slice(0, -2)],
    ['with something after it', () => `${cursors.seal('a', '5')}A`],
    ['with padding', () => `${cursors.seal('a', '5')}=`],
    ['of the first release', () => 's5'],
    ['that is empty', () => ''],
    ['that is only a letter', () => 'c'],
    ['that looks like a date', () => '2023'],
    ['without end', () => `c${'A'.repeat(100_000)}`],
    ['with characters of no cursor', () => `c${'é'.repeat(60)}`],
  ])('%s is refused', (_, make) => {
    expect(() => cursors.open('a', make())).toThrow(refusal)
  })

  function changeLast(cursor: string): string {
    return cursor.slice(0, -3) + (cursor.at(-3) === 'A' ? 'B' : 'A') + cursor.slice(-2)
  }
})

test('the test of what looks like a date knows what the official client does', () => {
  const dates = ['2023', '0000', '1234', '-2023', '2023-01', '2023-01-02', '2023-001', '2024-05-06T07:08:09.123Z']
  const texts = ['20230102', '12345', '1.0', 'v1', '', 's1', '2024-05-06 07:08:09']
  expect(dates.filter(text => !looksLikeDate(text))).toEqual([])
  expect(texts.filter(looksLikeDate)).toEqual([])
})
