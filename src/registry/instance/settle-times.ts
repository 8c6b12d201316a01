import type { Transaction } from '../../metadata/database.ts'
import { findLatestEventTime } from '../../metadata/events.ts'
import {
  pullBackGraces,
  pullBackHolds,
  pullBackIdempotencyKeys,
  pullBackJobs,
  pullBackUnknownBytes,
  pullBackUploads,
} from '../../metadata/future-times.ts'
import { HOLD_MS } from '../../metadata/holds.ts'
import { changeAsSystem } from '../change.ts'
import { SMALL_STEP_MS } from '../clock.ts'
import { LEASE_MS } from '../jobs/queue.ts'
import type { Registry } from '../registry.ts'
import { UPLOAD_LEASE_MS } from '../uploads/receive-upload.ts'
import { IDLE_MS, KEEP_ENDED_MS } from '../uploads/upload-times.ts'

/** No job is ever told to wait for longer: the longest grace time is a year. In ms. */
const LONGEST_WAIT_MS = 366 * 24 * 60 * 60_000

/**
 * Puts right what was written while the clock was ahead, so that nothing waits for years: jobs, leases, uploads, holds and grace times. Says
 * so where the newest event is ahead of the clock. `isSetBack`: the clock was seen to be set back by much.
 */
export async function settleTimes(registry: Registry, { isSetBack = false } = {}): Promise<void> {
  const now = registry.clock.now()
  const newest = await findLatestEventTime(registry.db.read)
  const isAhead = newest > now + SMALL_STEP_MS
  if (isAhead) registry.warn(describeLead(newest, now))
  const latest = now + (isAhead || isSetBack ? 0 : LONGEST_WAIT_MS)
  // Clocks of several processes differ a little.
  const past = now + SMALL_STEP_MS
  const happened = { now, latest: past }
  const steps: Array<(trx: Transaction) => Promise<number>> = [
    trx => pullBackJobs(trx, { now, latest, leaseEnd: past + LEASE_MS }),
    trx => pullBackUploads(trx, { inParts: false, latest: past + UPLOAD_LEASE_MS }),
    trx => pullBackUploads(trx, { inParts: true, latest: past + Math.max(IDLE_MS, KEEP_ENDED_MS) }),
    trx => pullBackHolds(trx, past + HOLD_MS),
    trx => pullBackGraces(trx, happened),
    trx => pullBackUnknownBytes(trx, happened),
    trx => pullBackIdempotencyKeys(trx, happened),
  ]
  await Promise.all(steps.map(step => repeat(() => changeAsSystem(registry, ({ trx }) => step(trx)))))
}

async function repeat(step: () => Promise<number>): Promise<void> {
  while ((await step()) > 0);
}

function describeLead(newest: number, now: number): string {
  const days = Math.round((newest - now) / 86_400_000)
  return (
    `the newest event is dated ${new Date(newest).toISOString()}, ${days} days ahead of this machine's clock: the clock was wrong then, or is ` +
    'wrong now. New times follow the clock as it is now; events keep their order'
  )
}
