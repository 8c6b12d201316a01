import { expect, test } from 'vitest'
import { looksLikeDate } from '../../test/support/dates.ts'
import { ID_PREFIX, type IdKind, newId, newSecret } from './ids.ts'

const kinds = Object.keys(ID_PREFIX) as IdKind[]

test('an id is the two letters of its kind and 13 lower-case letters or digits', () => {
  for (const kind of kinds) expect(newId(kind)).toMatch(new RegExp(`^${ID_PREFIX[kind]}[0-9a-z]{13}$`))
})

test('no two kinds share their letters', () => {
  expect(new Set(Object.values(ID_PREFIX)).size).toBe(kinds.length)
})

test('no id is given out twice, and none looks like a date to the official Paperspace client', () => {
  const ids = Array.from({ length: 5000 }, () => newId('model'))
  expect(new Set(ids).size).toBe(5000)
  expect(ids.filter(looksLikeDate)).toEqual([])
})

test('every letter and digit comes up about equally often', () => {
  const counts = Map.groupBy(Array.from({ length: 2000 }, newSecret).join(''), character => character)
  expect(counts.size).toBe(62)
  // 80,000 characters: 1,290 of each, give or take 36. Ten times that is not chance.
  for (const found of counts.values()) expect(Math.abs(found.length - 80_000 / 62)).toBeLessThan(360)
})
