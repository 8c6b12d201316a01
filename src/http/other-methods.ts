import type { FastifyInstance, HTTPMethods } from 'fastify'
import { HttpError } from './http-error.ts'
import type { Route } from './route.ts'
import { requireNamedPath, toFastifyPath } from './route-path.ts'

/** A known path with a wrong method is 405 with the methods that would be right, not 404. */
export function refuseOtherMethods(scope: FastifyInstance, routes: Route[], basePath: string): void {
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
        requireNamedPath(request, basePath)
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
