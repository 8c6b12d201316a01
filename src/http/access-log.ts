/**
 * One line for each request, written when its answer has ended, at level `info`; those of health checks and scrapes at `debug`. At `trace`
 * there is also a line when a request has begun. No line has a query string, a header, a body or a name that the caller chose, but the id of
 * the request. Nothing is built for a level that is off.
 */
import type { Socket } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import { requestIdOf } from './request-id.ts'
import type { EndedRequest, TrafficListener } from './traffic.ts'

/** What supervisors ask every few seconds. */
const PROBES = new Set(['/livez', '/readyz', '/metrics'])

/** From the most silent to the most talkative. */
const LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']

export function accessLog(log: FastifyBaseLogger): TrafficListener {
  const isOn = (level: string) => LEVELS.indexOf(log.level) >= LEVELS.indexOf(level)
  if (!isOn('info')) return {}
  const areProbesShown = isOn('debug')
  const measured = new WeakMap<Socket, { received: number; sent: number }>()
  return {
    ...(isOn('trace') && {
      began: (request, route) => log.trace({ requestId: request.id, method: request.method, route }, 'request began'),
    }),
    broken: (status, requestId) => log.info({ requestId, method: null, route: 'none', status }, 'request'),
    ended(ended) {
      if (!PROBES.has(ended.route)) log.info(describe(ended, measured), 'request')
      else if (areProbesShown) log.debug(describe(ended, measured), 'request')
    },
  }
}

function describe(
  { request, route, status, isComplete, ms, apiKeyId }: EndedRequest,
  measured: WeakMap<Socket, { received: number; sent: number }>,
): object {
  const { socket } = request
  // Counted on the connection, heads included, since its last request ended.
  const before = measured.get(socket) ?? { received: 0, sent: 0 }
  const now = { received: socket.bytesRead, sent: socket.bytesWritten }
  measured.set(socket, now)
  return {
    requestId: requestIdOf(request),
    method: request.method,
    route,
    status: status ?? null,
    ms: Math.round(ms * 10) / 10,
    bytesIn: now.received - before.received,
    bytesOut: now.sent - before.sent,
    apiKeyId: apiKeyId ?? null,
    ...(!isComplete && { isComplete }),
  }
}
