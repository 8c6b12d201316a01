/** Metrics for operators: how many requests, how fast, with which status. */
import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Histogram, Registry as MetricsRegistry } from 'prom-client'

export function serveMetrics(server: FastifyInstance): void {
  const metrics = new MetricsRegistry()
  collectDefaultMetrics({ register: metrics })
  const duration = new Histogram({
    name: 'holotype_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer.',
    // Route patterns and status classes only: labels made from what callers send would grow without end.
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers: [metrics],
  })
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    const status = `${Math.floor(reply.statusCode / 100)}xx`
    duration.observe({ method: request.method, route, status }, reply.elapsedTime / 1000)
    done()
  })
  server.get('/metrics', { config: { permission: 'none' }, schema: { hide: true } }, async (_request, reply) => {
    return reply.type(metrics.contentType).send(await metrics.metrics())
  })
}
