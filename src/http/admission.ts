/** Who may use a route, decided before a byte of the body is read. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Actor, ANONYMOUS, type KeyActor } from '../domain/actor.ts'
import { RegistryError } from '../domain/errors.ts'
import { type Grade, PERMISSIONS, type Permission, requirePermission } from '../domain/permissions.ts'
import { authenticate } from '../registry/api-keys/authenticate.ts'
import type { Registry } from '../registry/registry.ts'
import { NO_BEARER, readBearer } from './bearer.ts'
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
  const actor = await findActor(registry, request, door.readCredentials)
  if (actor) {
    request.actor = requirePermission(actor, permission)
  } else if (needsNoKey(PERMISSIONS[permission], door)) {
    request.actor = ANONYMOUS
  } else {
    throw new RegistryError('unauthenticated', door.missingCredentials)
  }
}

/** For a route that belongs to no door: its key is a bearer, and nothing is done there without one. */
export async function admitOutsideDoors(
  registry: Registry,
  permission: Permission,
  request: FastifyRequest,
): Promise<void> {
  const actor = await findActor(registry, request, readBearer)
  if (!actor) throw new RegistryError('unauthenticated', NO_BEARER)
  request.actor = requirePermission(actor, permission)
}

/** Undefined when the request carries no key. */
async function findActor(
  registry: Registry,
  request: FastifyRequest,
  readCredentials: Door['readCredentials'],
): Promise<KeyActor | undefined> {
  try {
    const key = readCredentials(request)
    if (key === undefined) return undefined
    return await authenticate(registry, key, { id: request.id, address: request.ip })
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'unauthenticated') registry.tally.refusedLogins += 1
    throw error
  }
}

function needsNoKey(grade: Grade, door: Door): boolean {
  return grade === 'anyone' || (grade === 'public' && door.allowsAnonymousReads)
}
