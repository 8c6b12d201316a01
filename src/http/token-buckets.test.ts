import { describe, expect, test } from 'vitest'
import { TokenBuckets } from './token-buckets.ts'

function start(perMinute: number) {
  let now = 1000
  const buckets = new TokenBuckets(perMinute, () => now)
  const pass = (seconds: number) => {
    now += seconds * 1000
  }
  const takeAll = (caller: string) => {
    let granted = 0
    while (buckets.take(caller).isGranted) granted += 1
    return granted
  }
  return { buckets, pass, takeAll }
}

describe('a quota', () => {
  test.each([1, 7, 60, 1000])('of %i a minute is granted at once, and no more', perMinute => {
    expect(start(perMinute).takeAll('a')).toBe(perMinute)
  })

  test('comes back over a minute, and never grows beyond itself', () => {
    const { pass, takeAll } = start(60)
    takeAll('a')
    pass(10)
    expect(takeAll('a')).toBe(10)
    pass(3600)
    expect(takeAll('a')).toBe(60)
  })

  test('is told: what is left, when there is something again, and when there is all of it', () => {
    const { buckets, takeAll } = start(30)
    expect(buckets.take('a')).toEqual({ isGranted: true, remaining: 29, nextInSeconds: 0, fullInSeconds: 2 })
    takeAll('a')
    expect(buckets.take('a')).toEqual({ isGranted: false, remaining: 0, nextInSeconds: 2, fullInSeconds: 60 })
  })

  test('is of one caller', () => {
    const { takeAll } = start(5)
    takeAll('a')
    expect(takeAll('b')).toBe(5)
  })
})

describe('what is remembered', () => {
  test('is forgotten once the caller has all of the quota again', () => {
    const { buckets, pass, takeAll } = start(5)
    takeAll('a')
    pass(30)
    takeAll('b')
    pass(30)
    buckets.forgetIdle()
    expect(buckets.size).toBe(1)
    pass(30)
    buckets.forgetIdle()
    expect(buckets.size).toBe(0)
  })

  test('stays within bounds, however many callers come', () => {
    const { buckets } = start(5)
    for (let caller = 0; caller < 50_000; caller++) buckets.take(String(caller))
    expect(buckets.size).toBe(10_000)
  })
})
