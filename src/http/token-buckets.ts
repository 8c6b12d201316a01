/** Counts what many callers do against one quota each, in bounded memory. */

interface Bucket {
  tokens: number
  /** In ms of the monotonic clock. */
  filledAt: number
}

export interface Quota {
  /** Whether there was something left to take. */
  isGranted: boolean
  /** How much is left. */
  remaining: number
  /** When there is something to take again, in whole seconds; 0 where there is. */
  nextInSeconds: number
  /** When there is as much as can be, in whole seconds. */
  fullInSeconds: number
}

const WINDOW_MS = 60_000
/** More callers than that are counted anew: memory stays bounded, and a flood of addresses wins nothing that one of them has not. */
const CALLERS_MAX = 10_000

/** Each caller may do `perMinute` things at once, and gets them back over a minute. */
export class TokenBuckets {
  readonly perMinute: number
  readonly #buckets = new Map<string, Bucket>()
  readonly #now: () => number

  constructor(perMinute: number, now: () => number = () => performance.now()) {
    this.perMinute = perMinute
    this.#now = now
  }

  /** How many callers are remembered. */
  get size(): number {
    return this.#buckets.size
  }

  take(caller: string): Quota {
    const bucket = this.#fill(caller)
    const isGranted = bucket.tokens >= 1
    if (isGranted) bucket.tokens -= 1
    const { tokens } = bucket
    return {
      isGranted,
      remaining: Math.floor(tokens),
      nextInSeconds: tokens >= 1 ? 0 : this.#secondsFor(1 - tokens),
      fullInSeconds: this.#secondsFor(this.perMinute - tokens),
    }
  }

  /** Forgets those who have all of their quota again. */
  forgetIdle(): void {
    const idleSince = this.#now() - WINDOW_MS
    for (const [caller, { filledAt }] of this.#buckets) if (filledAt <= idleSince) this.#buckets.delete(caller)
  }

  #fill(caller: string): Bucket {
    const now = this.#now()
    const known = this.#buckets.get(caller)
    if (known) {
      known.tokens = Math.min(this.perMinute, known.tokens + ((now - known.filledAt) * this.perMinute) / WINDOW_MS)
      known.filledAt = now
      return known
    }
    if (this.#buckets.size >= CALLERS_MAX) this.#makeRoom()
    const bucket = { tokens: this.perMinute, filledAt: now }
    this.#buckets.set(caller, bucket)
    return bucket
  }

  /** The one that was counted first goes. */
  #makeRoom(): void {
    for (const caller of this.#buckets.keys()) {
      this.#buckets.delete(caller)
      return
    }
  }

  #secondsFor(tokens: number): number {
    return Math.ceil((tokens * WINDOW_MS) / this.perMinute / 1000)
  }
}
