/** Paths of routes, from OpenAPI's syntax to the framework's. */
import type { FastifyRequest } from 'fastify'

/** `/models/{id}/files/{path+}` as the framework writes it: `/models/:id/files/*`. */
export function toFastifyPath(path: string): string {
  return path.replace(/\{\w+\+\}$/, '*').replace(/\{(\w+)\}/g, ':$1')
}

/** The rest of the path has no name in the framework; ours is `path`. It is decoded once, by the framework, and never again. */
export async function nameRest(request: FastifyRequest): Promise<void> {
  const params = request.params as Record<string, string>
  params['path'] = params['*'] ?? ''
}
