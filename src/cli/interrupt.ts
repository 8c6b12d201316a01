/** Ctrl-C reaches a process several times when npm or the launcher stands in between; only one well after the first means "at once". */
const AGAIN_AFTER_MS = 2000

/**
 * Calls `onFirst` at the first SIGINT or SIGTERM, and `onAgain` at one that comes at least two seconds later. Returns what takes the
 * handlers off again.
 */
export function onInterrupt(onFirst: () => void, onAgain: (signal: NodeJS.Signals) => void): () => void {
  let firstAt: number | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstAt === undefined) {
      firstAt = Date.now()
      onFirst()
    } else if (Date.now() - firstAt > AGAIN_AFTER_MS) onAgain(signal)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return () => {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}
