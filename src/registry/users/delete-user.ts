import type { Actor } from '../../domain/actor.ts'
import { revokeApiKeysOfUser } from '../../metadata/api-keys.ts'
import { markUserDeleted } from '../../metadata/users.ts'
import { takeKeysAway } from '../api-keys/revoke-api-key.ts'
import type { Registry } from '../registry.ts'
import { lockOwnUser } from './get-user.ts'

/** Removes a user from the team and revokes their keys at once. Throws `conflict` when the last admin key would go with them. */
export async function deleteUser(registry: Registry, actor: Actor, id: string): Promise<void> {
  await takeKeysAway(registry, actor, 'user.delete', async ({ trx, at, record }) => {
    const user = await lockOwnUser(trx, actor, id)
    await markUserDeleted(trx, user.id, at)
    await revokeApiKeysOfUser(trx, user.id, at)
    record({ kind: 'user.delete', subject: { kind: 'user', id: user.id }, details: { name: user.name } })
  })
}
