/** Who may use a route, decided before a byte of the body is read. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Actor, ANONYMOUS, type KeyActor } from '../domain/actor.ts'
import { RegistryError } from '../domain/errors.ts'
import { type Grade, PERMISSIONS, type Permission, requirePermission } from '../domain/permissions.ts'
import { authenticate } from '../registry/api-keys/authenticate.ts'
import type { Registry } from '../registry/registry.ts'
import { NO_BEARER, readBearer } from './bearer.ts'
import type { Door } from './door.ts'
import type { RequestLimits } from './request-limits.ts'
import { requireNamedPath } from './route-path.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `admit`; null before. */
    actor: Actor | null
  }
}

export function decorateActor(server: FastifyInstance): void {
  server.decorateRequest('actor', null)
}

export interface Admission {
  registry: Registry
  limits: RequestLimits
  door: Door
  permission: Permission
  /** Of the whole registry, for what is said about paths. */
  basePath: string
}

/**
 * Sets the actor of a request that may use a route with this permission. Throws `unauthenticated`, `permission_denied` or HttpError 404 or 429. A key is not
 * always needed, but one that is sent must be good.
 */
export async function admit(
  { registry, limits, door, permission, basePath }: Admission,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  requireNamedPath(request, basePath)
  limits.arrive(request, reply)
  const actor = await findActor({ registry, limits }, request, door.readCredentials)
  if (actor) {
    limits.admit(actor.apiKeyId, reply)
    request.actor = requirePermission(actor, permission)
  } else if (needsNoKey(PERMISSIONS[permission], door)) {
    request.actor = ANONYMOUS
  } else {
    throw new RegistryError('unauthenticated', door.missingCredentials)
  }
}

/** For a route that belongs to no door: its key is a bearer, and nothing is done there without one. */
export async function admitOutsideDoors(
  admission: Pick<Admission, 'registry' | 'limits' | 'permission'>,
  request: FastifyRequest,
): Promise<void> {
  const actor = await findActor(admission, request, readBearer)
  if (!actor) throw new RegistryError('unauthenticated', NO_BEARER)
  request.actor = requirePermission(actor, admission.permission)
}

/** Undefined when the request carries no key. */
async function findActor(
  { registry, limits }: Pick<Admission, 'registry' | 'limits'>,
  request: FastifyRequest,
  readCredentials: Door['readCredentials'],
): Promise<KeyActor | undefined> {
  try {
    const key = readCredentials(request)
    if (key === undefined) return undefined
    return await authenticate(registry, key, { id: request.id, address: request.ip })
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'unauthenticated') registry.tally.refusedLogins += 1
    throw limits.refuseLogin(error, request)
  }
}

function needsNoKey(grade: Grade, door: Door): boolean {
  return grade === 'anyone' || (grade === 'public' && door.allowsAnonymousReads)
}
