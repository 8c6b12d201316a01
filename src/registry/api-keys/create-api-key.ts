import type { Actor, KeyActor, Role } from '../../domain/actor.ts'
import { type ApiKey, requireKeyName } from '../../domain/api-key.ts'
import { invalidArgument, notFound } from '../../domain/errors.ts'
import { requirePermission } from '../../domain/permissions.ts'
import { findTeam } from '../../metadata/teams.ts'
import { type Change, change } from '../change.ts'
import type { Registry } from '../registry.ts'
import { shareUserOf } from '../users/get-user.ts'
import { addApiKey } from './add-api-key.ts'

export interface NewApiKey {
  name: string
  role: Role
  /** ms since 1970; null or absent: it never expires. */
  expiresAt?: number | null | undefined
  /** For whom the key acts; the actor's own user unless given, or the first user of another team. */
  userId?: string | undefined
  /** The actor's own team unless given. */
  teamId?: string | undefined
  /** Whether it may manage the whole installation. */
  isInstanceAdmin?: boolean | undefined
}

/**
 * Makes a key. `key` is its whole text: it is in this answer and nowhere else. A key for another team, and one that manages the installation, take an
 * instance-admin key; the latter belongs to the team of the key that makes it, so that those who have such keys can revoke each other's.
 */
export async function createApiKey(
  registry: Registry,
  actor: Actor,
  input: NewApiKey,
): Promise<{ apiKey: ApiKey; key: string }> {
  const name = requireKeyName(input.name)
  const makeKey = async ({ trx, actor, at, record }: Change) => {
    const { role, isInstanceAdmin = false, expiresAt = null, teamId = actor.teamId } = input
    if (expiresAt !== null && expiresAt <= at) throw invalidArgument('expiresAt', 'must be in the future')
    requireRightTo(actor, { teamId, role, isInstanceAdmin })
    if (!(await findTeam(trx, { id: teamId }))) throw notFound('team', teamId)
    const isForeign = teamId !== actor.teamId
    const user = await shareUserOf(trx, teamId, input.userId ?? (isForeign ? undefined : actor.userId), at)
    const made = await addApiKey(trx, { teamId, userId: user.id, name, role, expiresAt, at, isInstanceAdmin })
    // Both teams are to see a key that came from outside.
    for (const feed of new Set([teamId, actor.teamId])) {
      record({
        kind: 'api-key.create',
        teamId: feed,
        subject: { kind: 'api-key', id: made.apiKey.id },
        details: { name, role, userId: user.id, ...(isInstanceAdmin && { isInstanceAdmin }) },
      })
    }
    return made
  }
  return await change(registry, actor, 'api-key.create', makeKey, { isSecret: true })
}

function requireRightTo(
  actor: KeyActor,
  { teamId, role, isInstanceAdmin }: { teamId: string; role: Role; isInstanceAdmin: boolean },
): void {
  if (teamId !== actor.teamId || isInstanceAdmin) requirePermission(actor, 'api-key.manage-instance')
  if (!isInstanceAdmin) return
  if (role !== 'admin') throw invalidArgument('role', 'of an instance-admin key must be "admin"')
  if (teamId !== actor.teamId) {
    throw invalidArgument('teamId', 'of an instance-admin key must be the team of the key that makes it')
  }
}
