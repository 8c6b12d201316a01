import type { Actor } from '../../domain/actor.ts'
import type { User } from '../../domain/user.ts'
import type { Queryable } from '../../metadata/database.ts'
import { findUser } from '../../metadata/users.ts'
import { requireOwnership } from '../policies.ts'

/** A user of the actor's team. Throws `not_found`. */
export async function getOwnUser(db: Queryable, actor: Actor, id: string): Promise<User> {
  return requireOwnership(actor, 'user', id, await findUser(db, id))
}
