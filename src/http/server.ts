/** The HTTP server: the doors, health, metrics and docs, and what holds for all of them. */
import type { Socket } from 'node:net'
import fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify'
import type { Registry } from '../registry/registry.ts'
import { makeRoomForActors } from './auth.ts'
import { askForBodiesWhenRead } from './await-continue.ts'
import { type Readiness, serveHealth } from './health.ts'
import { serveMetrics } from './metrics.ts'
import type { Access } from './operation.ts'
import { watchQuietConnections } from './quiet-connections.ts'
import { rawAnswer } from './raw-answer.ts'
import { endSlowBodies, type SlowBodyLimits } from './slow-bodies.ts'
import { errorAnswer, sendError, sendNotFound } from './v1/errors.ts'
import { publishOpenApi, serveDocs } from './v1/openapi.ts'
import { v1 } from './v1/plugin.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route. A route without it keeps the server from starting. */
    access?: Access
  }
}

export interface ServerOptions {
  registry: Registry
  readiness: Readiness
  version: string
  publicUrl: string | undefined
  slowBodies: SlowBodyLimits
  logger: FastifyServerOptions['logger']
}

export interface RouteEntry {
  method: string
  url: string
  access: Access
}

export interface HttpServer {
  server: FastifyInstance
  routes: RouteEntry[]
  /** For a stop that has begun, see quiet-connections.ts. */
  endQuietConnections(): void
}

export async function createServer(options: ServerOptions): Promise<HttpServer> {
  const server = fastify({
    // Request lines would show query strings, and `pspace project list` (1.x) puts the API key into one.
    logController: new LogController({ disableRequestLogging: true }),
    logger: withoutQueryStrings(options.logger),
    // One logger for all: what little is logged of a request names it by method and path.
    childLoggerFactory: logger => logger,
    bodyLimit: 1024 * 1024,
    routerOptions: { maxParamLength: 4096 },
    // While it shuts down the server still answers what arrives, and closes each connection after its answer.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // An upload may take hours; `endSlowBodies` ends those that stand still.
    requestTimeout: 0,
    frameworkErrors: (error, request, reply) => {
      sendError(request, reply, error)
    },
    clientErrorHandler: answerBrokenHttp,
  })
  const routes = collectRoutes(server)
  makeRoomForActors(server)
  const endQuietConnections = watchQuietConnections(server.server)
  endSlowBodies(server.server, options.slowBodies)
  askForBodiesWhenRead(server.server)
  server.setErrorHandler((error, request, reply) => sendError(request, reply, error))
  server.setNotFoundHandler(sendNotFound)
  serveMetrics(server)
  serveHealth(server, options.readiness)
  await publishOpenApi(server, options.version)
  await serveDocs(server)
  await server.register(v1, { prefix: '/v1', registry: options.registry, publicUrl: options.publicUrl })
  await server.ready()
  return { server, routes: routes(), endQuietConnections }
}

/** What little of a request gets into the log: never its query string, never its headers. */
function withoutQueryStrings(logger: FastifyServerOptions['logger']): NonNullable<FastifyServerOptions['logger']> {
  if (typeof logger !== 'object' || !('level' in logger)) return logger ?? false
  const req = (request: { method: string; url: string }) => ({
    method: request.method,
    path: request.url.split('?', 1)[0],
  })
  return { ...logger, serializers: { req } }
}

/** Keeps the list of all routes, and refuses to start with one that doesn't say who may call it. */
function collectRoutes(server: FastifyInstance): () => RouteEntry[] {
  const found: Array<{ method: string; url: string; config?: { access?: Access } }> = []
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
      if (!config?.access) throw new Error(`the route ${method} ${url} doesn't declare who may call it`)
      return { method, url, access: config.access }
    })
}

/** Broken HTTP reaches no route; it still gets an answer that our clients can read. */
function answerBrokenHttp(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [status, reason] = BROKEN_HTTP[error.code ?? ''] ?? [400, 'this is not a well-formed HTTP request']
  socket.end(rawAnswer(status, errorAnswer(status, reason).body))
}

const BROKEN_HTTP: Record<string, [status: number, reason: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'the headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request took too long to arrive'],
}
