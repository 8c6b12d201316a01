import { ApiError, ConnectionError, findErrorCode } from './errors.ts'
import { isPassing } from './network-errors.ts'

const ATTEMPTS = 4
const FIRST_PAUSE_MS = 200
/** A server that asks to be left alone for longer than this, in ms, is not waited for. */
const PAUSE_MAX_MS = 30_000
const PASSING_STATUS = new Set([408, 429, 500, 502, 503, 504])

export interface RetryOptions {
  signal?: AbortSignal | undefined
  /** Whether to ask again where nothing listens: not at first, when it is most likely the wrong place, but in the midst of a transfer. */
  retryRefused?: boolean
  /** No attempt begins later than this after the first one, in ms; any time when left out. */
  withinMs?: number
}

/**
 * Runs `attempt` until it succeeds, at most four times, with growing pauses in between, and longer ones where the server asks for them.
 * Only for requests that may arrive twice, and only broken connections and passing trouble of the server are worth another try. `attempt`
 * learns how many attempts have failed so far, and may call `progressed` to have them forgotten: a download that gets further each time
 * is not stuck.
 */
export async function retry<T>(
  attempt: (failures: number, progressed: () => void) => Promise<T>,
  { signal, retryRefused = false, withinMs = Number.POSITIVE_INFINITY }: RetryOptions = {},
): Promise<T> {
  const startedAt = performance.now()
  let failures = 0
  for (;;) {
    try {
      return await attempt(failures, () => {
        failures = 0
      })
    } catch (error) {
      failures += 1
      // After another failure there is a server, and what refuses now is most likely its restart.
      if (failures >= ATTEMPTS || signal?.aborted || !mayPass(error, retryRefused || failures > 1)) throw error
      const pauseMs = Math.max(FIRST_PAUSE_MS * 4 ** (failures - 1), askedPause(error))
      const isTooLong = pauseMs > PAUSE_MAX_MS || performance.now() - startedAt + pauseMs > withinMs
      if (isTooLong) throw error
      await pause(pauseMs, signal)
    }
  }
}

/** In ms. */
function askedPause(error: unknown): number {
  return error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0
}

function mayPass(error: unknown, retryRefused: boolean): boolean {
  if (error instanceof ApiError) return PASSING_STATUS.has(error.status) && error.reason !== 'damaged'
  if (!(error instanceof ConnectionError)) return false
  return findErrorCode(error) === 'ECONNREFUSED' ? retryRefused : isPassing(error)
}

/** Rejects with the signal's reason when that comes first. In ms. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    if (signal?.aborted) return onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
