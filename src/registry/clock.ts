/** The time in whole milliseconds since 1970. Small steps back of the machine's clock are not seen. */
export interface Clock {
  now(): number
}

/** A clock that is put right moves by less than this, in ms. */
export const SMALL_STEP_MS = 60_000

/**
 * Follows the machine's clock, except for small steps back: then the time stands still until the clock has caught up, so that new rows come
 * after old ones. A large step back means that the clock was wrong before. It is believed, since a time that stood still for years would
 * keep every expiry and every job waiting.
 * @param notBefore the latest time already written down. One that is far ahead is passed over.
 * @param machine the machine's clock.
 */
export function createClock(notBefore: number, machine: () => number = Date.now): Clock {
  let latest = notBefore
  return {
    now() {
      const now = machine()
      if (now > latest || now < latest - SMALL_STEP_MS) latest = now
      return latest
    },
  }
}
