import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { looksLikeDate } from '../../test/support/dates.ts'
import type { Slice } from '../domain/paging.ts'
import { pageBySequence, pageByText } from './paging.ts'

describe('pages of a list that grows in time', () => {
  test('asks for 50 items, newest first, unless told otherwise', async () => {
    let asked: Slice<number> | undefined
    await pageBySequence({}, async slice => {
      asked = slice
      return { items: [], next: undefined }
    })
    expect(asked).toEqual({ after: undefined, limit: 50, order: 'desc' })
  })

  test('a cursor leads back to the position it was made from, and never looks like a date', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 51 }), async next => {
        const { nextPage } = await pageBySequence({}, async () => ({ items: [], next }))
        expect(looksLikeDate(String(nextPage))).toBe(false)
        expect(nextPage).toMatch(/^[a-z]/)
        const seen: unknown[] = []
        await pageBySequence({ after: nextPage ?? undefined }, async slice => {
          seen.push(slice.after)
          return { items: [], next: undefined }
        })
        expect(seen).toEqual([next])
      }),
      { numRuns: 200, seed: 1 },
    )
  })

  test.each(['', 's', '5', '2023', 'S5', 's-1', 's1.5', `s${'z'.repeat(11)}`, 't5', 's5 ', 's5\n', 's5é'])(
    'the cursor %j is refused',
    async after => {
      await expect(pageBySequence({ after }, async () => ({ items: [], next: undefined }))).rejects.toThrow(
        'after must be the nextPage of an earlier answer of the same list',
      )
    },
  )
})

describe('pages of a list that is sorted by a text', () => {
  test('asks for 50 items, ascending, unless told otherwise', async () => {
    let asked: Slice<string> | undefined
    await pageByText({}, async slice => {
      asked = slice
      return { items: [], next: undefined }
    })
    expect(asked).toEqual({ after: undefined, limit: 50, order: 'asc' })
  })

  test('a cursor leads back to the path it was made from, and never looks like a date', async () => {
    const path = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }).filter(text => !text.includes('\0'))
    await fc.assert(
      fc.asyncProperty(path, async next => {
        const { nextPage } = await pageByText({}, async () => ({ items: [], next }))
        expect(looksLikeDate(String(nextPage))).toBe(false)
        const seen: unknown[] = []
        await pageByText({ after: nextPage ?? undefined }, async slice => {
          seen.push(slice.after)
          return { items: [], next: undefined }
        })
        expect(seen).toEqual([next])
      }),
      { numRuns: 200, seed: 1 },
    )
  })

  test.each([
    '',
    't',
    's5',
    't5=',
    't/',
    't_w',
    `t${'a'.repeat(2001)}`,
    `t${Buffer.from('a\0b').toString('base64url')}`,
  ])('the cursor %j is refused', async after => {
    await expect(pageByText({ after }, async () => ({ items: [], next: undefined }))).rejects.toThrow(/^after must be/)
  })
})

test('the test of what looks like a date knows what the official client does', () => {
  const dates = ['2023', '0000', '1234', '-2023', '2023-01', '2023-01-02', '2023-001', '2024-05-06T07:08:09.123Z']
  const texts = ['20230102', '12345', '1.0', 'v1', '', 's1', '2024-05-06 07:08:09']
  expect(dates.filter(text => !looksLikeDate(text))).toEqual([])
  expect(texts.filter(looksLikeDate)).toEqual([])
})
