/** How many descriptors the process may have. Each connection is one, and the file that it sends or receives another. */
import { readFileSync } from 'node:fs'

/** The soft limit, which Node raises to the hard one at its start. Undefined where the system tells none. */
export function readDescriptorLimit(): number | undefined {
  return readFromProc() ?? readFromReport()
}

function readFromProc(): number | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return limit === undefined ? undefined : Number(limit)
  } catch {
    // Only Linux has it.
    return undefined
  }
}

function readFromReport(): number | undefined {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } }
  const soft = userLimits?.open_files?.soft
  return typeof soft === 'number' ? soft : undefined
}

/** For the database, the log, the standard streams, the directories that are synced, and what Node itself needs. */
const RESERVED = 48
const FEWEST = 16
const MOST = 10_000

/** The connections that fit below a descriptor limit: 16 to 10,000. */
export function connectionsWithin(descriptors: number | undefined): number {
  if (descriptors === undefined) return MOST
  return Math.min(MOST, Math.max(FEWEST, Math.floor((descriptors - RESERVED) / 2)))
}
