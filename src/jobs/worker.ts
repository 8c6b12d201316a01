/** Drains the jobs table: work that was queued with a change and may happen after its answer. One lane for each kind. */
import type { JobKind } from '../domain/job.ts'
import { SMALL_STEP_MS } from '../registry/clock.ts'
import { settleTimes } from '../registry/instance/settle-times.ts'
import type { Registry } from '../registry/registry.ts'
import { RENEW_EVERY_MS, renewArrivingUploads } from '../registry/uploads/renew-uploads.ts'
import { jobHandlers } from './handlers.ts'
import { Lane } from './lane.ts'

export class Worker {
  readonly #registry: Registry
  readonly #lanes: Array<Lane<JobKind>>
  #heartbeat: NodeJS.Timeout | undefined
  /** By the registry's clock. */
  #lastBeat = 0

  constructor(registry: Registry) {
    this.#registry = registry
    const kinds = Object.keys(jobHandlers) as JobKind[]
    this.#lanes = kinds.map(kind => laneOf(registry, kind))
  }

  /** Begins to work, and to tell other processes which uploads of this one are alive. */
  start(): void {
    this.#heartbeat = setInterval(() => void this.beat(), RENEW_EVERY_MS)
    this.#heartbeat.unref()
    this.#lastBeat = this.#registry.clock.now()
    this.wake()
  }

  /** What happens every few minutes: uploads of this process are renewed, and a clock that was set back is noticed. Never rejects. */
  async beat(): Promise<void> {
    const registry = this.#registry
    const now = registry.clock.now()
    const isSetBack = now < this.#lastBeat - SMALL_STEP_MS
    this.#lastBeat = now
    try {
      if (isSetBack) {
        await settleTimes(registry, { isSetBack })
        this.wake()
      }
      await renewArrivingUploads(registry)
    } catch (error) {
      registry.warn('the uploads under way could not be renewed', error)
    }
  }

  /** Looks for due jobs now. */
  wake(): void {
    for (const lane of this.#lanes) lane.wake()
  }

  /** Runs jobs until none is due. */
  async processDue(): Promise<void> {
    for (const lane of this.#lanes) await lane.processDue()
  }

  async stop(): Promise<void> {
    clearInterval(this.#heartbeat)
    await Promise.all(this.#lanes.map(lane => lane.stop()))
  }
}

function laneOf<K extends JobKind>(registry: Registry, kind: K): Lane<K> {
  return new Lane(registry, kind, jobHandlers[kind])
}
