/**
 * Signals that ask a process to end. SIGHUP is sent when a terminal closes, also to what was started with `nohup` or from a service manager that
 * uses it for "read your settings again": without a terminal it asks for nothing. Node takes back what `nohup` has set, so it is ignored here.
 */
import { isatty } from 'node:tty'

/** Ctrl-C reaches a process several times when npm or the launcher stands in between; only one well after the first means "at once". */
const AGAIN_AFTER_MS = 500

/**
 * Calls `onFirst` at the first SIGINT, SIGTERM or SIGQUIT, or SIGHUP where there is a terminal, and `onAgain` at one that comes at least half a
 * second later. Returns what takes the handlers off again.
 */
export function onInterrupt(onFirst: () => void, onAgain: (signal: NodeJS.Signals) => void): () => void {
  let firstAt: number | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === 'SIGHUP' && !hadTerminal) return
    if (firstAt === undefined) {
      firstAt = performance.now()
      onFirst()
    } else if (performance.now() - firstAt > AGAIN_AFTER_MS) onAgain(signal)
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}

const SIGNALS: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP']

/** Whether this process was started from a terminal: one that has closed is none any more. `nohup` leaves none of the three. */
export const hadTerminal = [0, 1, 2].some(descriptor => isatty(descriptor))
