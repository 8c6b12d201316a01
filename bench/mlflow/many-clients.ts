/** Clients that each send their next request when the last is answered: how many answers there are in a second. */
import { performance } from 'node:perf_hooks'
import autocannon from 'autocannon'
import type { Call, Contender, Numbers, Work } from './contender.ts'
import { requireExpected } from './one-client.ts'

const TIMEOUT_SECONDS = 60
/** As many calls as one client alone would send in this time. They are counted, not cut off after a time, so that no request is left under way when the next measurement begins. */
const LONG_MS = 8000
const LEAST_CALLS = 64
const MOST_CALLS = 40_000

export const CLIENTS = 16

/** @param msOfOne how long one client waits for an answer. Answers how many answers there were in a second. */
export async function countCalls(
  contender: Contender,
  work: Work,
  { numbers, msOfOne }: { numbers: Numbers; msOfOne: number },
): Promise<number> {
  let wrong: unknown
  const start = performance.now()
  const result = await autocannon({
    url: contender.origin,
    connections: CLIENTS,
    amount: Math.round(Math.min(MOST_CALLS, Math.max(LEAST_CALLS, LONG_MS / msOfOne))),
    timeout: TIMEOUT_SECONDS,
    requests: [
      {
        setupRequest(request, context: { call?: Call }) {
          const call = contender.callFor(work, numbers.next())
          context.call = call
          const { method, path, body } = call
          return { ...request, method, path, headers: contender.headers, body }
        },
        // Each client has one context and one request under way. To parse long answers would take the server's time: one client has counted their items.
        onResponse(status, text, { call }: { call?: Call }) {
          try {
            if (!call) throw new Error('an answer came to no request')
            const { items: _, ...expected } = call
            requireExpected(expected, status, text)
          } catch (error) {
            wrong ??= error
          }
        },
      },
    ],
  })
  const seconds = (performance.now() - start) / 1000
  if (wrong !== undefined) throw wrong
  const count = result['2xx']
  if (result.errors > 0 || result.non2xx > 0 || count === 0) {
    throw new Error(`${work}: ${count} answers, ${result.non2xx} refused, ${result.errors} requests failed`)
  }
  return count / seconds
}
