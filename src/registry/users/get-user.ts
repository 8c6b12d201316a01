import type { Actor } from '../../domain/actor.ts'
import { notFound } from '../../domain/errors.ts'
import { newId } from '../../domain/ids.ts'
import { requireOwnership } from '../../domain/permissions.ts'
import type { User } from '../../domain/user.ts'
import type { Transaction } from '../../metadata/database.ts'
import { insertUser, lockUser, shareFirstUser, shareUser } from '../../metadata/users.ts'

/**
 * A user of a team, who stays until the end of the transaction: the one with the id, or the team's first one, who is made where nobody is
 * left. Throws `not_found`.
 */
export async function shareUserOf(trx: Transaction, teamId: string, id: string | undefined, at: number): Promise<User> {
  if (id !== undefined) {
    const user = await shareUser(trx, id)
    if (user?.teamId !== teamId) throw notFound('user', id)
    return user
  }
  const first = await shareFirstUser(trx, teamId)
  if (first) return first
  const user: User = { id: newId('user'), teamId, name: 'admin', email: null, createdAt: at }
  await insertUser(trx, user)
  return user
}

/** A user of the actor's team, for changing them. Throws `not_found`. */
export async function lockOwnUser(trx: Transaction, actor: Actor, id: string): Promise<User> {
  return requireOwnership(actor, 'user', id, await lockUser(trx, id))
}
