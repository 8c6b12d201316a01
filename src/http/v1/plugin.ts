/** Hangs v1's operations into the server: their checks, their errors, and a clear answer for every other path and method. */
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest, HTTPMethods, RouteOptions } from 'fastify'
import type { Registry } from '../../registry/registry.ts'
import { admit, findActor } from '../auth.ts'
import { readMediaType } from '../digests.ts'
import { takeJsonBodies } from '../json-body.ts'
import type { Operation } from '../operation.ts'
import { useStrictValidation } from '../validation.ts'
import { errorAnswer, sendError, sendErrorAnswer, sendNotFound } from './errors.ts'
import { v1Operations } from './routes.ts'
import { ErrorSchema } from './schema.ts'

export interface V1Options {
  registry: Registry
  /** How callers reach us, without a trailing slash; undefined: as each request says. */
  publicUrl: string | undefined
}

export async function v1(server: FastifyInstance, options: V1Options): Promise<void> {
  useStrictValidation(server)
  takeJsonBodies(server)
  server.setErrorHandler((error, request, reply) => sendError(request, reply, error))
  server.setNotFoundHandler(sendNotFound)
  for (const operation of v1Operations) {
    if (operation.takes !== 'bytes') server.route(toRoute(operation, options))
  }
  await server.register(async uploads => {
    // Whatever type a file says it has, JSON too, its bytes go through unread.
    uploads.removeAllContentTypeParsers()
    uploads.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    // The framework refuses a malformed type before it asks a parser; here a type is only a remark about the bytes.
    uploads.addHook('onRequest', async ({ headers }) => {
      if (headers['content-type'] !== undefined) headers['content-type'] = readMediaType(headers)
    })
    for (const operation of v1Operations) {
      if (operation.takes === 'bytes') uploads.route(toRoute(operation, options))
    }
  })
  refuseOtherMethods(server)
}

function toRoute(operation: Operation, { registry, publicUrl }: V1Options): RouteOptions {
  const { access, handle } = operation
  const takesBytes = operation.takes === 'bytes'
  const isWildcard = operation.path.endsWith('+}')
  return {
    method: operation.method,
    url: toFastifyPath(operation.path),
    config: { access },
    exposeHeadRoute: operation.method === 'GET' && !isWildcard,
    schema: {
      operationId: operation.id,
      tags: [operation.tag],
      summary: operation.summary,
      ...(operation.description && { description: operation.description }),
      ...(operation.params && { params: operation.params }),
      ...(operation.query && { querystring: operation.query }),
      ...(operation.body && !takesBytes && { body: operation.body }),
      response: { ...(operation.response && { 200: operation.response }), default: ErrorSchema },
    },
    // Before the body is read: who may not upload gets no byte through.
    onRequest: request => admit(registry, access, request),
    ...(isWildcard && { preValidation: nameRest }),
    handler: (request, reply) =>
      handle({
        registry,
        // `admit` has let nobody through without an actor unless the route takes anyone.
        actor: findActor(request),
        params: request.params,
        query: request.query,
        body: takesBytes ? (request.body ?? Readable.from([])) : request.body,
        request,
        reply,
        origin: publicUrl ?? `${request.protocol}://${request.host}`,
      } as Parameters<typeof handle>[0]),
  }
}

/** `/models/{id}/files/{path+}` as the framework writes it: `/models/:id/files/*`. */
function toFastifyPath(path: string): string {
  return path.replace(/\{\w+\+\}$/, '*').replace(/\{(\w+)\}/g, ':$1')
}

/** The rest of the path has no name in the framework; ours is `path`. It is decoded once, by the framework, and never again. */
async function nameRest(request: FastifyRequest): Promise<void> {
  const params = request.params as Record<string, string>
  params['path'] = params['*'] ?? ''
}

/** A known path with a wrong method is 405 with the methods that would be right, not 404. */
function refuseOtherMethods(server: FastifyInstance): void {
  const methodsOf = Map.groupBy(v1Operations, operation => toFastifyPath(operation.path))
  for (const [url, operations] of methodsOf) {
    const allowed = operations.map(operation => operation.method as string)
    if (allowed.includes('GET') && !allowed.includes('HEAD')) allowed.push('HEAD')
    const others = METHODS.filter(method => !allowed.includes(method))
    server.route({
      method: others,
      url,
      config: { access: 'anyone' },
      schema: { hide: true },
      // The body of a refused method is not looked at.
      onRequest: async (request, reply) => {
        reply.header('allow', allowed.join(', '))
        const message = `${request.method} is not possible here; possible: ${allowed.join(', ')}`
        return sendErrorAnswer(request, reply, errorAnswer(405, message))
      },
      handler: async () => {},
    })
  }
}

const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY']
