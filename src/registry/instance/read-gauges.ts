/** What an operator watches: the state of the queue, of the stored bytes and of the database, cheap enough to be asked every few seconds. */

import { type BlobSums, sumBlobPage } from '../../metadata/blobs.ts'
import type { DatabaseActivity } from '../../metadata/database.ts'
import { countJobs, type JobCounts } from '../../metadata/jobs.ts'
import type { Registry } from '../registry.ts'

/** How old the state of the queue may be, in ms. */
const QUEUE_MS = 5000
/** The least time between two walks through the blobs, in ms. */
const WALK_MS = 60_000
/** A walk comes again after so many times its own length: however many blobs there are, it takes a hundredth of the time. */
const WALK_SHARE = 100
/** Blobs summed up in one statement: about a millisecond. */
const WALK_PAGE = 1000

export interface Gauges {
  /** Jobs by kind, up to 10,000 in all; undefined when the database did not answer and never has. */
  jobs: JobCounts[] | undefined
  /** Whether the database answered the last question. */
  isDatabaseUp: boolean
  /** Of the last finished walk, at most some minutes old; undefined before the first has ended. */
  stored: BlobSums | undefined
  /** Of the local store. */
  capacity: { freeBytes: number; totalBytes: number } | undefined
  database: DatabaseActivity
  uploadsUnderWay: number
}

export class GaugeReader {
  readonly #registry: Registry
  #reading: Promise<void> | undefined
  #readAt = Number.NEGATIVE_INFINITY
  #jobs: JobCounts[] | undefined
  #isDatabaseUp = true
  #capacity: Gauges['capacity']
  #stored: BlobSums | undefined
  #isWalking = false
  #nextWalkAt = Number.NEGATIVE_INFINITY

  constructor(registry: Registry) {
    this.#registry = registry
  }

  /** Never fails and never waits for a walk: what can't be read keeps its last value. */
  async read(): Promise<Gauges> {
    if (performance.now() - this.#readAt >= QUEUE_MS) {
      this.#reading ??= this.#readState().finally(() => {
        this.#reading = undefined
      })
      await this.#reading
    }
    if (!this.#isWalking && performance.now() >= this.#nextWalkAt) void this.#walk()
    return {
      jobs: this.#jobs,
      isDatabaseUp: this.#isDatabaseUp,
      stored: this.#stored,
      capacity: this.#capacity,
      database: this.#registry.db.activity,
      uploadsUnderWay: this.#registry.arrivingUploads.size,
    }
  }

  async #readState(): Promise<void> {
    const { db, clock, stores } = this.#registry
    try {
      this.#jobs = await countJobs(db.read, clock.now())
      this.#isDatabaseUp = true
    } catch {
      this.#isDatabaseUp = false
    }
    const capacities = await Promise.all(stores.shared.map(store => store.capacity().catch(() => undefined)))
    this.#capacity = capacities.find(capacity => capacity !== undefined)
    this.#readAt = performance.now()
  }

  /** Sums up all blobs, a page in each turn of the event loop. A walk that fails is begun anew by a later reader. */
  async #walk(): Promise<void> {
    this.#isWalking = true
    const startedAt = performance.now()
    try {
      const sums = { blobs: 0, bytes: 0, damaged: 0 }
      let after: string | undefined = ''
      while (after !== undefined) {
        const page: Awaited<ReturnType<typeof sumBlobPage>> = await sumBlobPage(
          this.#registry.db.read,
          after,
          WALK_PAGE,
        )
        sums.blobs += page.blobs
        sums.bytes += page.bytes
        sums.damaged += page.damaged
        after = page.last
        await new Promise(resolve => setImmediate(resolve))
      }
      this.#stored = sums
    } catch {
      // The database does not answer; `isDatabaseUp` says so.
    }
    this.#isWalking = false
    this.#nextWalkAt = performance.now() + Math.max(WALK_MS, WALK_SHARE * (performance.now() - startedAt))
  }
}
