/** The time in whole milliseconds since 1970. It never goes backwards, even when the machine's clock does. */
export interface Clock {
  now(): number
}

/**
 * @param notBefore the latest time already written down: after a restart with a clock that was set back, new rows still come after
 *   old ones and no grace time gets shorter.
 */
export function createClock(notBefore: number): Clock {
  let latest = notBefore
  return {
    now() {
      latest = Math.max(latest, Date.now())
      return latest
    },
  }
}
