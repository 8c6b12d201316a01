import type { Queryable } from '../../metadata/database.ts'
import { findUser } from '../../metadata/users.ts'
import type { Actor } from '../actor.ts'
import { requireOwnership } from '../policies.ts'
import type { User } from './user.ts'

/** A user of the actor's team. Throws `not_found`. */
export async function getOwnUser(db: Queryable, actor: Actor, id: string): Promise<User> {
  return requireOwnership(actor, 'user', id, await findUser(db, id))
}
