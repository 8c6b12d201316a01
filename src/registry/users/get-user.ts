import type { Actor } from '../../domain/actor.ts'
import { requireOwnership } from '../../domain/permissions.ts'
import type { User } from '../../domain/user.ts'
import type { Transaction } from '../../metadata/database.ts'
import { lockUser, shareUser } from '../../metadata/users.ts'

/** A user of the actor's team, who stays until the end of the transaction. Throws `not_found`. */
export async function shareOwnUser(trx: Transaction, actor: Actor, id: string): Promise<User> {
  return requireOwnership(actor, 'user', id, await shareUser(trx, id))
}

/** A user of the actor's team, for changing them. Throws `not_found`. */
export async function lockOwnUser(trx: Transaction, actor: Actor, id: string): Promise<User> {
  return requireOwnership(actor, 'user', id, await lockUser(trx, id))
}
