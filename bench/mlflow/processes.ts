/** All processes of a server, found by a mark in their environment: those that it starts inherit it, wherever they move. */
import { readdirSync, readFileSync } from 'node:fs'

export const MARK = 'BENCH_MLFLOW_RUN'

/** Whether this system shows the processes and their memory, as Linux does. */
export const canSeeProcesses = readText('self/environ') !== undefined && readText('self/smaps_rollup') !== undefined

/** Their ids. Empty where the system doesn't show them. */
export function findMarked(mark: string): number[] {
  if (!canSeeProcesses) return []
  const wanted = `${MARK}=${mark}`
  const ids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return ids.filter(id => readText(`${id}/environ`)?.split('\0').includes(wanted)).map(Number)
}

/** Resident memory in bytes, where each shared page counts once (the sum of PSS). */
export function memoryOf(ids: number[]): number {
  const sizes = ids.map(id => Number(/^Pss: +(\d+) kB$/m.exec(readText(`${id}/smaps_rollup`) ?? '')?.[1] ?? 0))
  return 1024 * sizes.reduce((sum, size) => sum + size, 0)
}

/** Processor time that they have taken so far, in ticks of 10 ms. */
export function ticksOf(ids: number[]): number {
  // Behind the name, which may have blanks in it: user and system time are the 12th and 13th field.
  const times = ids.map(id => readText(`${id}/stat`)?.split(') ').at(-1)?.split(' ').slice(11, 13).map(Number) ?? [])
  return times.flat().reduce((sum, time) => sum + time, 0)
}

/** Undefined: the process is gone, or is somebody else's. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, 'utf8')
  } catch {
    return undefined
  }
}
