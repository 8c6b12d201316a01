/** For supervisors and load balancers: is the process alive, and should it get traffic? */
import type { FastifyInstance } from 'fastify'
import { retryAfter } from './errors.ts'

export interface Readiness {
  /** Throws, with the reason, when requests should go elsewhere. */
  check(): Promise<void>
}

export function serveHealth(server: FastifyInstance, readiness: Readiness): void {
  const open = { config: { permission: 'none' as const }, schema: { hide: true } }
  // Checks nothing else: a restart would not bring back a disk.
  server.get('/livez', open, async () => ({ status: 'ok' }))
  server.get('/readyz', open, async (request, reply) => {
    try {
      await readiness.check()
      return { status: 'ok' }
    } catch (error) {
      request.log.warn({ err: error, req: request }, 'not ready')
      // Anyone may ask, so the reason stays in the log: it may name files on the disk.
      return reply.code(503).headers(retryAfter(503)).send({ status: 'unavailable' })
    }
  })
}
