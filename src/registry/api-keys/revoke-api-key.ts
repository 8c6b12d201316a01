import { findApiKey, hasAdminKey, markApiKeyRevoked } from '../../metadata/api-keys.ts'
import type { Queryable } from '../../metadata/database.ts'
import type { Actor } from '../actor.ts'
import { conflict, notFound } from '../errors.ts'
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
    await markApiKeyRevoked(trx, key.id, at)
    await requireAdminKeyLeft(trx, actor, at)
    if (key.isInstanceAdmin && !(await hasAdminKey(trx, actor.teamId, at, true))) {
      throw conflict('this is the only key that may manage teams: without it nobody could make a team again')
    }
    await recordEvent(trx, actor, { kind: 'api_key.revoke', at, details: { revokedApiKeyId: key.id, name: key.name } })
  })
}

/** Throws `conflict` when the change so far leaves the team without a working admin key. */
export async function requireAdminKeyLeft(trx: Queryable, actor: Actor, at: number): Promise<void> {
  if (await hasAdminKey(trx, actor.teamId, at)) return
  throw conflict('the team would be left without a working admin key; create another one first')
}
