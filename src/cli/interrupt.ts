/** Signals that ask a process to end, however it was started. */
import { fstatSync } from 'node:fs'
import { isatty } from 'node:tty'

/** Ctrl-C reaches a process several times when npm or the launcher stands in between; only one well after the first means "at once". */
const AGAIN_AFTER_MS = 500

const SIGNALS: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP']

/** Whether this process was started from a terminal: one that has closed is none any more. `nohup` leaves none of the three. */
export const hadTerminal = [0, 1, 2].some(descriptor => isatty(descriptor))

/**
 * Whether somebody may be there who hangs up on a command: a terminal, or another program that reads what is said. Node takes back what `nohup`
 * has set, so whether it came before can't be asked; what it leaves is a file or nothing.
 */
export const isAttended = hadTerminal || !isFileOrNothing(2)

function isFileOrNothing(descriptor: number): boolean {
  try {
    const info = fstatSync(descriptor)
    return info.isFile() || info.isCharacterDevice()
  } catch {
    return true
  }
}

export interface Interrupts {
  onFirst(signal: NodeJS.Signals): void
  /** At one that comes at least half a second after the first. */
  onAgain(signal: NodeJS.Signals): void
  /** Without it SIGHUP is passed over. It is sent when a terminal closes, also to what has none. */
  endsAtHangup: boolean
}

/** Listens to SIGINT, SIGTERM, SIGQUIT and SIGHUP. Returns what takes the handlers off again. */
export function onInterrupt({ onFirst, onAgain, endsAtHangup }: Interrupts): () => void {
  let firstAt: number | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === 'SIGHUP' && !endsAtHangup) return
    if (firstAt === undefined) {
      firstAt = performance.now()
      onFirst(signal)
    } else if (performance.now() - firstAt > AGAIN_AFTER_MS) onAgain(signal)
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}

/** Exit code of a command that was interrupted. */
const INTERRUPTED = 130

/**
 * Ends the process without waiting for anything: not even for a thread that hangs in a call of the system, for which `process.exit` would
 * wait. The first process of a container can't be ended in this way, so it is left to that.
 */
export function endAtOnce(signal: NodeJS.Signals): void {
  // Ctrl-\ would leave a core dump.
  const last = signal === 'SIGQUIT' ? 'SIGTERM' : signal
  process.removeAllListeners(last)
  process.kill(process.pid, last)
  setTimeout(() => process.exit(INTERRUPTED), 100)
}
