import type { Actor } from '../../domain/actor.ts'
import { conflict, notFound } from '../../domain/errors.ts'
import { type Permission, requireOwnership } from '../../domain/permissions.ts'
import { findApiKey, hasAdminKey, markApiKeyRevoked } from '../../metadata/api-keys.ts'
import { type Change, change } from '../change.ts'
import type { Registry } from '../registry.ts'

/** Takes a key's rights away at once. Throws `conflict` when nobody could administer the team afterwards. */
export async function revokeApiKey(registry: Registry, actor: Actor, id: string): Promise<void> {
  await takeKeysAway(registry, actor, 'api-key.revoke', async ({ trx, at, record }) => {
    const key = requireOwnership(actor, 'api-key', id, await findApiKey(trx, id))
    if (key.revokedAt !== null) throw notFound('api-key', id)
    await markApiKeyRevoked(trx, key.id, at)
    record({ kind: 'api-key.revoke', subject: { kind: 'api-key', id: key.id }, details: { name: key.name } })
  })
}

/**
 * Makes a change that takes keys away. Throws `conflict` when it leaves the team without a working admin key, or the registry without the
 * only kind of key that may make teams. The team is locked, so that two admins can't revoke each other at the same moment.
 */
export async function takeKeysAway(
  registry: Registry,
  actor: Actor,
  permission: Permission,
  takeAway: (step: Change) => Promise<void>,
): Promise<void> {
  const keepAnAdminKey = async (step: Change) => {
    const { trx, at } = step
    const { teamId } = step.actor
    const couldMakeTeams = await hasAdminKey(trx, teamId, at, true)
    await takeAway(step)
    if (!(await hasAdminKey(trx, teamId, at))) {
      throw conflict('the team would be left without a working admin key; create another one first')
    }
    if (couldMakeTeams && !(await hasAdminKey(trx, teamId, at, true))) {
      throw conflict('the only key that may manage teams would be gone: without it nobody could make a team again')
    }
  }
  await change(registry, actor, permission, keepAnAdminKey, { locksTeam: true })
}
