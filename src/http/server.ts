/** The HTTP server: the doors, health, metrics and docs, and what holds for all of them. */
import type { IncomingMessage } from 'node:http'
import fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify'
import type { Permission } from '../domain/permissions.ts'
import type { Registry } from '../registry/registry.ts'
import { accessLog } from './access-log.ts'
import { decorateActor } from './admission.ts'
import { askForBodiesWhenRead, refuseOtherExpectations } from './await-continue.ts'
import { basePathOf, findableBelow, withoutBasePath } from './base-path.ts'
import { answerBrokenHttp } from './broken-http.ts'
import { type ConnectionGate, type ConnectionLimits, limitConnections } from './connection-limits.ts'
import { connectionOf, countInFlight, endQuietConnections, watchConnections } from './connections.ts'
import { serveDocs } from './docs.ts'
import { type Door, findDoor } from './door.ts'
import { nothingHere, sendError } from './errors.ts'
import { type Readiness, serveHealth } from './health.ts'
import { endIdleTransfers, type TransferLimits } from './idle-transfers.ts'
import { JSON_BODY_MAX_BYTES } from './json-body.ts'
import { serveMetrics } from './metrics.ts'
import { publishOpenApi } from './openapi.ts'
import { requestIdOf } from './request-id.ts'
import { createRequestLimits, type RequestLimitOptions } from './request-limits.ts'
import { serveDoor } from './routes.ts'
import { findHttpProblem } from './strict-http.ts'
import { Traffic, watchRoute } from './traffic.ts'

export interface ServerOptions {
  registry: Registry
  doors: Door[]
  readiness: Readiness
  version: string
  publicUrl: string | undefined
  /** Whether anyone may read the metrics. */
  areMetricsOpen: boolean
  transfers: TransferLimits
  connections: ConnectionLimits & Timeouts
  requests: RequestLimitOptions
  logger: FastifyServerOptions['logger']
}

/** In ms. */
interface Timeouts {
  /** How long a connection without a request is kept. */
  keepAliveMs: number
  /** How long the head of a request may take. */
  headersMs: number
}

export interface RouteEntry {
  method: string
  url: string
  permission: Permission | 'none'
}

export interface HttpServer {
  server: FastifyInstance
  routes: RouteEntry[]
  /** How many requests are being answered right now. */
  requestsInFlight(): number
  /** For a stop that has begun: ends what nobody waits for, soon. */
  endIdle(): void
}

export async function createServer(options: ServerOptions): Promise<HttpServer> {
  const basePath = basePathOf(options.publicUrl)
  const doors = findableBelow(basePath, options.doors)
  const server = createFramework({ ...options, doors, basePath }, (status, requestId) =>
    traffic.noteBroken(status, requestId),
  )
  const traffic = new Traffic(server.server, accessLog(server.log))
  server.addHook('onRoute', route => watchRoute(traffic, route))
  const routes = collectRoutes(server)
  decorateActor(server)
  const connections = watchConnections(server.server)
  const requestsInFlight = () => countInFlight(connections)
  const transfers = endIdleTransfers(server.server, connections, doors, options.transfers)
  const limits = createRequestLimits(options.requests)
  server.addHook('onClose', async () => limits.close())
  askForBodiesWhenRead(server.server)
  refuseOtherExpectations(server.server, doors, (status, requestId) => traffic.noteBroken(status, requestId))
  refuseBeforeRoutes(server, limitConnections(server.server, connections, options.connections))
  serveMetrics(server, { ...options, limits, traffic, requestsInFlight })
  serveHealth(server, options.readiness)
  await publishOpenApi(server, options)
  await serveDocs(server, options.publicUrl)
  for (const door of options.doors) await serveDoor(server, door, { ...options, limits })
  await server.ready()
  const endIdle = () => {
    endQuietConnections(connections)
    transfers.hurry()
  }
  return { server, routes: routes(), requestsInFlight, endIdle }
}

function refuseBeforeRoutes(server: FastifyInstance, gate: ConnectionGate): void {
  server.addHook('onRequest', ({ raw }, reply, done) => {
    const connection = connectionOf(raw.socket)
    const refusal = connection && gate.findRefusal(connection)
    if (refusal) reply.header('connection', 'close')
    done(refusal ?? findHttpProblem(raw))
  })
}

function createFramework(
  { doors, logger, basePath, connections }: ServerOptions & { basePath: string },
  onBroken: (status: number, requestId: string) => void,
): FastifyInstance {
  const server = fastify({
    // Request lines would show query strings, and `pspace project list` (1.x) puts the API key into one.
    logController: new LogController({ disableRequestLogging: true }),
    logger: withoutQueryStrings(logger),
    // One logger for all: the lines about a request name it by its id, method and path.
    childLoggerFactory: logger => logger,
    genReqId: requestIdOf,
    ...(basePath !== '' && { rewriteUrl: ({ url = '' }: IncomingMessage) => withoutBasePath(basePath, url) }),
    bodyLimit: JSON_BODY_MAX_BYTES,
    routerOptions: { maxParamLength: 4096 },
    // While it shuts down the server still answers what arrives, and closes each connection after its answer.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // An upload may take hours; `endIdleTransfers` ends those that stand still.
    requestTimeout: 0,
    keepAliveTimeout: connections.keepAliveMs,
    // No limit on the requests of a connection: ending one now and then would only cost its caller a request.
    maxRequestsPerSocket: 0,
    // Node's own refusal would have no id and no words; `findHttpProblem` has both.
    http: {
      requireHostHeader: false,
      headersTimeout: connections.headersMs,
      connectionsCheckingInterval: Math.min(5000, connections.headersMs),
    },
    ...(connections.isTrusted && { trustProxy: connections.isTrusted }),
    frameworkErrors: (error, request, reply) => {
      sendError(findDoor(doors, request.url), request, reply, error)
    },
    clientErrorHandler: (error, socket) => answerBrokenHttp(doors, error, socket, onBroken),
  })
  // Nothing outside the doors reads a body.
  server.removeAllContentTypeParsers()
  server.setErrorHandler((error, request, reply) => sendError(findDoor(doors, request.url), request, reply, error))
  server.setNotFoundHandler((request, reply) =>
    sendError(findDoor(doors, request.url), request, reply, nothingHere(request, basePath)),
  )
  return server
}

/** What the log shows of a request: never its query string, never its headers. */
function withoutQueryStrings(logger: FastifyServerOptions['logger']): NonNullable<FastifyServerOptions['logger']> {
  if (typeof logger !== 'object' || !('level' in logger)) return logger ?? false
  const req = (request: { id: string; method: string; url: string }) => ({
    id: request.id,
    method: request.method,
    path: request.url.split('?', 1)[0],
  })
  return { ...logger, serializers: { req } }
}

/** Keeps the list of all routes, and refuses to start with one that doesn't declare its permission. */
function collectRoutes(server: FastifyInstance): () => RouteEntry[] {
  const found: Array<{ method: string; url: string; config?: { permission?: Permission | 'none' } }> = []
  server.addHook('onRoute', route => {
    for (const method of [route.method].flat())
      found.push({
        method,
        url: route.url,
        get config() {
          return route.config ?? {}
        },
      })
  })
  return () =>
    found.map(({ method, url, config }) => {
      if (!config?.permission) throw new Error(`the route ${method} ${url} doesn't declare its permission`)
      return { method, url, permission: config.permission }
    })
}
