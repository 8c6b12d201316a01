/** Clients that each send their next request when the last is answered: how many answers there are in a second. */
import autocannon from 'autocannon'
import type { Call, Contender, Numbers, Work } from './contender.ts'
import { requireExpected } from './one-client.ts'

const SECONDS = 5
const TIMEOUT_SECONDS = 60

export const CLIENTS = 16

export async function countCalls(contender: Contender, work: Work, numbers: Numbers): Promise<number> {
  let wrong: unknown
  const result = await autocannon({
    url: contender.origin,
    connections: CLIENTS,
    duration: SECONDS,
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
  if (wrong !== undefined) throw wrong
  const count = result['2xx']
  if (result.errors > 0 || result.non2xx > 0 || count === 0) {
    throw new Error(`${work}: ${count} answers, ${result.non2xx} refused, ${result.errors} requests failed`)
  }
  return count / result.duration
}
