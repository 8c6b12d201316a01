/** Who may use a route, decided before a byte of the body is read. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Actor, ANONYMOUS } from '../domain/actor.ts'
import { RegistryError } from '../domain/errors.ts'
import { type Grade, PERMISSIONS, type Permission, requirePermission } from '../domain/permissions.ts'
import { authenticate } from '../registry/api-keys/authenticate.ts'
import type { Registry } from '../registry/registry.ts'
import type { Door } from './door.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `admit`; null before. */
    actor: Actor | null
  }
}

export function decorateActor(server: FastifyInstance): void {
  server.decorateRequest('actor', null)
}

/**
 * Sets the actor of a request that may use a route with this permission. Throws `unauthenticated` or `permission_denied`. A key is not
 * always needed, but one that is sent must be good.
 */
export async function admit(
  registry: Registry,
  door: Door,
  permission: Permission,
  request: FastifyRequest,
): Promise<void> {
  const key = door.readCredentials(request)
  if (key !== undefined) {
    const actor = await authenticate(registry, key, { id: request.id, address: request.ip })
    request.actor = requirePermission(actor, permission)
  } else if (needsNoKey(PERMISSIONS[permission], door)) {
    request.actor = ANONYMOUS
  } else {
    throw new RegistryError('unauthenticated', door.missingCredentials)
  }
}

function needsNoKey(grade: Grade, door: Door): boolean {
  return grade === 'anyone' || (grade === 'public' && door.allowsAnonymousReads)
}
