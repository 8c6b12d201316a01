import type { Actor } from '../../domain/actor.ts'
import { conflict, notFound } from '../../domain/errors.ts'
import { findApiKey, hasAdminKey, markApiKeyRevoked } from '../../metadata/api-keys.ts'
import type { Queryable } from '../../metadata/database.ts'
import { recordEvent } from '../events/record-event.ts'
import { requireOwnership, requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'

/** Takes a key's rights away at once. Throws `conflict` when nobody could administer the team afterwards. */
export async function revokeApiKey(registry: Registry, actor: Actor, id: string): Promise<void> {
  requireRole(actor, 'admin')
  await registry.db.transaction(async trx => {
    const key = requireOwnership(actor, 'API key', id, await findApiKey(trx, id))
    if (key.revokedAt !== null) throw notFound('API key', id)
    const at = registry.clock.now()
    await keepAnAdminKey(trx, actor, at, () => markApiKeyRevoked(trx, key.id, at))
    await recordEvent(trx, actor, { kind: 'api_key.revoke', at, details: { revokedApiKeyId: key.id, name: key.name } })
  })
}

/**
 * Does what takes keys away. Throws `conflict` when it leaves the team without a working admin key, or the registry without the only
 * kind of key that may make teams.
 */
export async function keepAnAdminKey(
  trx: Queryable,
  actor: Actor,
  at: number,
  takeAway: () => Promise<void>,
): Promise<void> {
  const couldMakeTeams = await hasAdminKey(trx, actor.teamId, at, true)
  await takeAway()
  if (!(await hasAdminKey(trx, actor.teamId, at))) {
    throw conflict('the team would be left without a working admin key; create another one first')
  }
  if (couldMakeTeams && !(await hasAdminKey(trx, actor.teamId, at, true))) {
    throw conflict('the only key that may manage teams would be gone: without it nobody could make a team again')
  }
}
