import type { Actor } from '../../domain/actor.ts'
import { conflict, notFound } from '../../domain/errors.ts'
import { requireOwnership } from '../../domain/permissions.ts'
import { findApiKey, hasAdminKey, markApiKeyRevoked } from '../../metadata/api-keys.ts'
import { lockTeam } from '../../metadata/teams.ts'
import { type Change, change } from '../change.ts'
import type { Registry } from '../registry.ts'

/** Takes a key's rights away at once. Throws `conflict` when nobody could administer the team afterwards. */
export async function revokeApiKey(registry: Registry, actor: Actor, id: string): Promise<void> {
  await change(registry, actor, 'api-key.revoke', async step => {
    const { trx, at, record } = step
    await keepAnAdminKey(step, async () => {
      const key = requireOwnership(actor, 'api-key', id, await findApiKey(trx, id))
      if (key.revokedAt !== null) throw notFound('api-key', id)
      await markApiKeyRevoked(trx, key.id, at)
      record({ kind: 'api-key.revoke', subject: { kind: 'api-key', id: key.id }, details: { name: key.name } })
    })
  })
}

/**
 * Does what takes keys away. Throws `conflict` when it leaves the team without a working admin key, or the registry without the only
 * kind of key that may make teams. The team is locked, so that two admins can't revoke each other at the same moment.
 */
export async function keepAnAdminKey({ trx, actor, at }: Change, takeAway: () => Promise<void>): Promise<void> {
  const { teamId } = actor
  await lockTeam(trx, teamId)
  const couldMakeTeams = await hasAdminKey(trx, teamId, at, true)
  await takeAway()
  if (!(await hasAdminKey(trx, teamId, at))) {
    throw conflict('the team would be left without a working admin key; create another one first')
  }
  if (couldMakeTeams && !(await hasAdminKey(trx, teamId, at, true))) {
    throw conflict('the only key that may manage teams would be gone: without it nobody could make a team again')
  }
}
