import type { Actor } from '../../domain/actor.ts'
import { conflict, notFound } from '../../domain/errors.ts'
import { type Permission, requireOwnership, requirePermission } from '../../domain/permissions.ts'
import { type AdminKeys, countAdminKeys, findApiKey, markApiKeyRevoked } from '../../metadata/api-keys.ts'
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
 * Makes a change that takes keys away. Throws `conflict` when it takes the team's last admin key without an end, or the last such key that
 * manages the installation: one that has an end keeps nothing. The team is locked, so that two admins can't revoke each other at the same moment;
 * instance-admin keys are all in one team.
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
    const before = await countAdminKeys(trx, teamId, at)
    await takeAway(step)
    const after = await countAdminKeys(trx, teamId, at)
    if (after.instance < before.instance) requirePermission(step.actor, 'api-key.manage-instance')
    refuseLoss(before, after)
  }
  await change(registry, actor, permission, keepAnAdminKey, { locksTeam: true })
}

/** A team that has lost its lasting keys already can still give up others. */
function refuseLoss(before: AdminKeys, after: AdminKeys): void {
  const isLost = (kind: keyof AdminKeys) => before[kind] > 0 && after[kind] === 0
  if (isLost('lasting') || isLost('working')) {
    throw conflict('the team would be left without an admin key that never expires; create another one first')
  }
  if (isLost('lastingInstance') || isLost('instance')) {
    throw conflict(
      'the registry would be left without an instance-admin key that never expires; create another one first',
    )
  }
}
