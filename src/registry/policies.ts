/** Who may do what, in plain words. Every door goes through these, so that no route can forget them. */
import { type Actor, type Role, roleIncludes } from '../domain/actor.ts'
import { notFound, permissionDenied } from '../domain/errors.ts'

export function requireRole(actor: Actor, needed: Role): void {
  if (!roleIncludes(actor.role, needed)) {
    throw permissionDenied(`this needs a key with the role ${needed}; this key is a ${actor.role}`)
  }
}

export function requireInstanceAdmin(actor: Actor): void {
  if (!actor.isInstanceAdmin)
    throw permissionDenied('only the key made at the first start of the registry may manage teams')
}

/** A team's own things are visible to all its keys; a public model is visible to every valid key. */
export function canRead(actor: Actor, thing: { teamId: string; isPublic?: boolean }): boolean {
  return thing.teamId === actor.teamId || thing.isPublic === true
}

/**
 * Another team's private thing is "not found", never "forbidden". A public one can be seen, so there refusing to change it gives
 * nothing away.
 */
export function requireOwnership<T extends { id: string; teamId: string; isPublic?: boolean }>(
  actor: Actor,
  what: string,
  id: string,
  thing: T | undefined,
): T {
  if (!thing || !canRead(actor, thing)) throw notFound(what, id)
  if (thing.teamId !== actor.teamId) throw permissionDenied(`${what} "${id}" belongs to another team`)
  return thing
}
