/** Paths of routes, from OpenAPI's syntax to the framework's. */
import type { FastifyRequest } from 'fastify'
import { nothingHere } from './errors.ts'

/** `/models/{id}/files/{path+}` as the framework writes it: `/models/:id/files/*`. */
export function toFastifyPath(path: string): string {
  return path.replace(/\{\w+\+\}$/, '*').replace(/\{(\w+)\}/g, ':$1')
}

/** The rest of the path has no name in the framework; ours is `path`. It is decoded once, by the framework, and never again. */
export async function nameRest(request: FastifyRequest): Promise<void> {
  const params = request.params as Record<string, string>
  params['path'] = params['*'] ?? ''
}

/**
 * A path such as `/models/` fits a route as if it named the model "". Throws HttpError 404: it is a path that there isn't. What a file can't be called is
 * left to the rules for that, which say more.
 */
export function requireNamedPath(request: FastifyRequest, basePath: string): void {
  const params = request.params as Record<string, string>
  for (const name in params) {
    if (params[name] === '' && !(name === '*' && request.method === 'PUT')) throw nothingHere(request, basePath)
  }
}
