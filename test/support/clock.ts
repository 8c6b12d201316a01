/** Time that a test moves forward, instead of waiting or of writing into tables. */
import type { Clock } from '../../src/registry/clock.ts'

export interface MovableClock extends Clock {
  /** Moves the time forward, in ms. Wake the worker where a job is to notice. */
  move(ms: number): void
}

export function movableClock(): MovableClock {
  let ahead = 0
  return {
    now: () => Date.now() + ahead,
    move(ms) {
      ahead += ms
    },
  }
}
