import { expect, test } from 'vitest'
import { createClock, SMALL_STEP_MS } from './clock.ts'

const START = Date.UTC(2026, 0, 1)
const YEAR = 365 * 24 * 60 * 60_000

/** What the registry's clock says while the machine's says these. */
function follow(notBefore: number, machine: number[]): number[] {
  const times = machine.values()
  const clock = createClock(notBefore, () => times.next().value ?? 0)
  return machine.map(() => clock.now())
}

test('it follows the machine', () => {
  expect(follow(0, [START, START, START + 5])).toEqual([START, START, START + 5])
})

test.each([1, 1000, SMALL_STEP_MS])('a step back of %i ms is not seen', step => {
  expect(follow(0, [START, START - step, START - step + 1, START + 1])).toEqual([START, START, START, START + 1])
  expect(follow(START, [START - step, START + 1])).toEqual([START, START + 1])
})

test.each([SMALL_STEP_MS + 1, YEAR, 13 * YEAR])(
  'a step back of %i ms is believed, and time goes on from there',
  step => {
    const machine = [START, START - step, START - step + 7]
    expect(follow(0, machine)).toEqual(machine)
    expect(follow(START, machine.slice(1))).toEqual(machine.slice(1))
  },
)

test.each([SMALL_STEP_MS + 2, 13 * YEAR])('a clock that is %i ms ahead for a moment leaves nothing behind', jump => {
  const machine = [START, START + jump, START + 1, START + 2]
  expect(follow(0, machine)).toEqual(machine)
})
