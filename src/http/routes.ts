/** Registers the routes of a door with the framework: their checks, their errors, and a clear answer to every other method. */
import { Readable } from 'node:stream'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { type Actor, ANONYMOUS } from '../domain/actor.ts'
import type { Permission } from '../domain/permissions.ts'
import type { Registry } from '../registry/registry.ts'
import { admit } from './admission.ts'
import { basePathOf } from './base-path.ts'
import { connectionOf } from './connections.ts'
import { parseMediaType } from './digests.ts'
import type { Door } from './door.ts'
import { sendError } from './errors.ts'
import { withIdempotency } from './idempotency.ts'
import { acceptJsonBodies } from './json-body.ts'
import { refuseOtherMethods } from './other-methods.ts'
import { ownOrigin } from './own-origin.ts'
import type { RequestLimits } from './request-limits.ts'
import type { Route } from './route.ts'
import { nameRest, toFastifyPath } from './route-path.ts'
import { useStrictValidation } from './validation.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The `Content-Type` of a byte stream, as it was sent. */
    declaredType: string | undefined
  }
  interface FastifyContextConfig {
    /** What a caller must be allowed to do; `none` where the route has nothing of the registry. Without it the server doesn't start. */
    permission?: Permission | 'none'
    /** Where the route comes from, for the published contract. */
    source?: RouteSource
  }
}

export interface RouteSource {
  door: Door
  route: Route
  prefix: string
}

export interface DoorOptions {
  registry: Registry
  limits: RequestLimits
  /** How callers reach us, without a trailing slash; undefined: unknown, and links are paths. */
  publicUrl: string | undefined
}

export async function serveDoor(server: FastifyInstance, door: Door, options: DoorOptions): Promise<void> {
  for (const prefix of door.prefixes) {
    await server.register(
      async scope => {
        useStrictValidation(scope)
        acceptJsonBodies(scope)
        scope.setErrorHandler((error, request, reply) => sendError(door, request, reply, error))
        const toOptions = (route: Route) => toFastifyRoute({ door, route, prefix }, options)
        const [uploads, others] = [door.routes.filter(takesBytes), door.routes.filter(route => !takesBytes(route))]
        for (const route of others) scope.route(toOptions(route))
        await scope.register(async bytes => {
          passBytesThrough(bytes)
          for (const route of uploads) bytes.route(toOptions(route))
        })
        refuseOtherMethods(scope, door.routes, basePathOf(options.publicUrl))
      },
      { prefix },
    )
  }
}

function takesBytes({ takes }: Route): boolean {
  return takes === 'bytes'
}

/** Bodies reach the handler unread, whatever type they are declared to have, JSON too. */
function passBytesThrough(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  scope.decorateRequest('declaredType', undefined)
  // The framework would refuse a malformed type although no parser depends on it. Here the type is only noted about the bytes.
  scope.addHook('onRequest', async request => {
    request.declaredType = request.headers['content-type']
    delete request.headers['content-type']
    const connection = connectionOf(request.raw.socket)
    if (connection) connection.isUpload = true
  })
}

function toFastifyRoute(source: RouteSource, { registry, limits, publicUrl }: DoorOptions): RouteOptions {
  const { door, route, prefix } = source
  const { method, permission, handle } = route
  const isWildcard = route.path.endsWith('+}')
  const isPost = method === 'POST'
  const admission = { registry, limits, door, permission, basePath: basePathOf(publicUrl) }
  return {
    method,
    url: toFastifyPath(route.path),
    config: { permission, source },
    exposeHeadRoute: method === 'GET' && !isWildcard,
    schema: toFastifySchema(source),
    // Before the body is read: who may not upload sends none.
    onRequest: (request, reply) => admit(admission, request, reply),
    ...(isWildcard && { preValidation: nameRest }),
    handler: (request, reply) => {
      const actor: Actor = request.actor ?? ANONYMOUS
      return handle({
        registry,
        // A route that needs a key has a KeyActor: `admit` lets no other one pass.
        actor: (isPost ? withIdempotency(actor, request) : actor) as Parameters<typeof handle>[0]['actor'],
        params: request.params,
        query: request.query,
        body: takesBytes(route) ? (request.body ?? Readable.from([])) : request.body,
        mediaType: parseMediaType(request.declaredType),
        request,
        reply,
        baseUrl: `${publicUrl ?? ownOrigin(request.raw)}${prefix}`,
      })
    },
  }
}

function toFastifySchema({ door, route }: RouteSource): NonNullable<RouteOptions['schema']> {
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description && { description: route.description }),
    ...(route.params && { params: route.params }),
    ...(route.query && { querystring: route.query }),
    ...(route.body && !takesBytes(route) && { body: route.body }),
    response: {
      ...(route.response && { 200: route.response }),
      ...(door.contract && { default: door.contract.errorSchema }),
    },
  }
}
