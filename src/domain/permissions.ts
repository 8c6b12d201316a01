/**
 * Who may do what: the one table. Operations ask it, doors declare the permission of each route, and the access test reads both.
 * What a table can't say (another team's things, the last admin key) is a rule of the operation.
 */
import { type Actor, type KeyActor, type Role, roleIncludes } from './actor.ts'
import { notFound, permissionDenied, RegistryError, SUBJECT_NAMES, type SubjectKind } from './errors.ts'

/**
 * `anyone`: no key needed. `public`: any key, and without a key where a door allows it; only what is public then. The roles: a key with
 * that role or a higher one. `instance-admin`: a key that manages the whole installation.
 */
export type Grade = 'anyone' | 'public' | Role | 'instance-admin'

export const PERMISSIONS = {
  'session.read': 'anyone',
  'account.read': 'reader',

  'model.read': 'public',
  'model.list': 'reader',
  'model.create': 'writer',
  'model.update': 'writer',
  'model.delete': 'writer',

  'version.read': 'public',
  'version.create': 'writer',
  'version.update': 'writer',
  'version.commit': 'writer',
  'version.delete': 'writer',

  'file.read': 'public',
  'file.put': 'writer',
  'file.delete': 'writer',
  /** By a URL that was signed for this one part. */
  'part.put': 'anyone',

  'alias.read': 'public',
  'alias.set': 'writer',
  'alias.delete': 'writer',

  'event.read': 'reader',

  'project.read': 'reader',
  'project.create': 'writer',
  'project.update': 'writer',
  'project.delete': 'writer',

  'storage-provider.read': 'reader',
  'storage-provider.create': 'admin',
  'storage-provider.update': 'admin',
  'storage-provider.delete': 'admin',

  'user.list': 'reader',
  'user.create': 'admin',
  'user.delete': 'admin',

  'api-key.list': 'admin',
  'api-key.create': 'admin',
  'api-key.revoke': 'admin',
  /** Keys for other teams, and instance-admin keys: to make the ones, and to revoke the others. */
  'api-key.manage-instance': 'instance-admin',

  'metrics.read': 'instance-admin',

  'team.list': 'instance-admin',
  'team.create': 'instance-admin',
} as const satisfies Record<string, Grade>

export type Permission = keyof typeof PERMISSIONS

/** Throws `unauthenticated` or `permission_denied` unless the actor has a key that may do this. */
export function requirePermission(actor: Actor, permission: Permission): KeyActor {
  if (actor.kind === 'anonymous') throw new RegistryError('unauthenticated', 'an API key is needed')
  const grade: Grade = PERMISSIONS[permission]
  if (grade === 'anyone' || grade === 'public') return actor
  if (grade === 'instance-admin') {
    if (actor.isInstanceAdmin) return actor
    throw permissionDenied('only an instance-admin key may do this')
  }
  if (roleIncludes(actor.role, grade)) return actor
  throw permissionDenied(`this needs a key with the role ${grade}; this key is a ${actor.role}`)
}

/** A team's own things are visible to all its keys; what is public is visible to everyone. */
export function canRead(actor: Actor, thing: { teamId: string; isPublic?: boolean }): boolean {
  return thing.isPublic === true || isOwnTeam(actor, thing.teamId)
}

export function isOwnTeam(actor: Actor, teamId: string): boolean {
  return actor.kind === 'key' && actor.teamId === teamId
}

/**
 * Another team's private thing is "not found", never "forbidden". A public one can be seen, so there refusing to change it gives
 * nothing away.
 */
export function requireOwnership<T extends { id: string; teamId: string; isPublic?: boolean }>(
  actor: Actor,
  kind: SubjectKind,
  id: string,
  thing: T | undefined,
): T {
  if (!thing || !canRead(actor, thing)) throw notFound(kind, id)
  if (!isOwnTeam(actor, thing.teamId)) {
    throw permissionDenied(`${SUBJECT_NAMES[kind]} "${id}" belongs to another team`)
  }
  return thing
}
