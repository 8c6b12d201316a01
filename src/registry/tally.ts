/** What this process has done since its start, counted where it happens. The metrics show it; nothing decides by it. */
import type { JobKind } from '../domain/job.ts'

export interface Tally {
  /** Requests with a key that is unknown, wrong, expired or revoked. */
  refusedLogins: number
  /** How often stored bytes were found to be other than those accepted, or gone. */
  damageFound: number
  jobs: Map<JobKind, { done: number; failed: number }>
}

export function createTally(): Tally {
  return { refusedLogins: 0, damageFound: 0, jobs: new Map() }
}

export function countJob({ jobs }: Tally, kind: JobKind, outcome: 'done' | 'failed'): void {
  const counts = jobs.get(kind) ?? { done: 0, failed: 0 }
  counts[outcome] += 1
  jobs.set(kind, counts)
}
