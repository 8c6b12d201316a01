/** Turns the `Authorization` header into an actor, before a byte of the body is read. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Actor } from '../domain/actor.ts'
import { RegistryError } from '../domain/errors.ts'
import { authenticate } from '../registry/api-keys/authenticate.ts'
import { requireInstanceAdmin, requireRole } from '../registry/policies.ts'
import type { Registry } from '../registry/registry.ts'
import type { Access } from './operation.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `admit`; read it through `findActor`. */
    actor: Actor | null
  }
}

/** Makes room for the actor in every request, which is cheaper than finding it beside them. */
export function makeRoomForActors(server: FastifyInstance): void {
  server.decorateRequest('actor', null)
}

/** Lets a request through only if its key has the access that the route declares. Throws `unauthenticated` or `permission_denied`. */
export async function admit(registry: Registry, access: Access, request: FastifyRequest): Promise<void> {
  const { authorization } = request.headers
  if (access === 'anyone' && authorization === undefined) return
  const actor = await authenticate(registry, parseBearer(authorization))
  if (access === 'instance-admin') requireInstanceAdmin(actor)
  else if (access !== 'anyone') requireRole(actor, access)
  request.actor = actor
}

/** Who sent an admitted request; undefined when it came without a key to a route that needs none. */
export function findActor(request: FastifyRequest): Actor | undefined {
  return request.actor ?? undefined
}

function parseBearer(header: string | undefined): string {
  if (header === undefined) {
    throw new RegistryError('unauthenticated', 'an API key is needed: send the header "Authorization: Bearer <key>"')
  }
  const key = /^Bearer +([^\s]+)$/i.exec(header)?.[1]
  if (!key) throw new RegistryError('unauthenticated', 'the Authorization header must read "Bearer <key>"')
  return key
}
