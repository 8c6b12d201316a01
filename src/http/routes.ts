/** Registers the routes of a door with the framework: their checks, their errors, and a clear answer to every other method. */
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest, HTTPMethods, RouteOptions } from 'fastify'
import { type Actor, ANONYMOUS } from '../domain/actor.ts'
import type { Permission } from '../domain/permissions.ts'
import type { Registry } from '../registry/registry.ts'
import { admit } from './admission.ts'
import { parseMediaType } from './digests.ts'
import type { Door } from './door.ts'
import { sendError } from './errors.ts'
import { HttpError } from './http-error.ts'
import { withIdempotency } from './idempotency.ts'
import { acceptJsonBodies } from './json-body.ts'
import type { Route } from './route.ts'
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
  /** How callers reach us, without a trailing slash; undefined: as each request says. */
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
        refuseOtherMethods(scope, door.routes)
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
  })
}

function toFastifyRoute(source: RouteSource, { registry, publicUrl }: DoorOptions): RouteOptions {
  const { door, route, prefix } = source
  const { method, permission, handle } = route
  const isWildcard = route.path.endsWith('+}')
  const isPost = method === 'POST'
  return {
    method,
    url: toFastifyPath(route.path),
    config: { permission, source },
    exposeHeadRoute: method === 'GET' && !isWildcard,
    schema: toFastifySchema(source),
    // Before the body is read: who may not upload sends none.
    onRequest: request => admit(registry, door, permission, request),
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
        baseUrl: `${publicUrl ?? `${request.protocol}://${request.host}`}${prefix}`,
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

/** `/models/{id}/files/{path+}` as the framework writes it: `/models/:id/files/*`. */
export function toFastifyPath(path: string): string {
  return path.replace(/\{\w+\+\}$/, '*').replace(/\{(\w+)\}/g, ':$1')
}

/** The rest of the path has no name in the framework; ours is `path`. It is decoded once, by the framework, and never again. */
async function nameRest(request: FastifyRequest): Promise<void> {
  const params = request.params as Record<string, string>
  params['path'] = params['*'] ?? ''
}

/** A known path with a wrong method is 405 with the methods that would be right, not 404. */
function refuseOtherMethods(scope: FastifyInstance, routes: Route[]): void {
  const routesOf = Map.groupBy(routes, route => toFastifyPath(route.path))
  for (const [url, present] of routesOf) {
    const allowed = present.map(({ method }) => String(method))
    if (allowed.includes('GET') && !allowed.includes('HEAD')) allowed.push('HEAD')
    scope.route({
      method: METHODS.filter(method => !allowed.includes(method)),
      url,
      config: { permission: 'none' },
      schema: { hide: true },
      // The body of a refused method is not read.
      onRequest: async (request, reply) => {
        reply.header('allow', allowed.join(', '))
        throw new HttpError(405, `${request.method} is not possible here; possible: ${allowed.join(', ')}`)
      },
      handler: async () => {},
    })
  }
}

const METHODS: string[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'QUERY',
] satisfies HTTPMethods[]
