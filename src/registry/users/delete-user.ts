import type { Actor } from '../../domain/actor.ts'
import { revokeApiKeysOfUser } from '../../metadata/api-keys.ts'
import { markUserDeleted } from '../../metadata/users.ts'
import { keepAnAdminKey } from '../api-keys/revoke-api-key.ts'
import { recordEvent } from '../events/record-event.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'
import { getOwnUser } from './get-user.ts'

/** Removes a user from the team and revokes their keys at once. Throws `conflict` when the last admin key would go with them. */
export async function deleteUser(registry: Registry, actor: Actor, id: string): Promise<void> {
  requireRole(actor, 'admin')
  await registry.db.transaction(async trx => {
    const user = await getOwnUser(trx, actor, id)
    const at = registry.clock.now()
    await markUserDeleted(trx, user.id, at)
    await keepAnAdminKey(trx, actor, at, () => revokeApiKeysOfUser(trx, user.id, at))
    await recordEvent(trx, actor, { kind: 'user.delete', at, details: { deletedUserId: user.id, name: user.name } })
  })
}
