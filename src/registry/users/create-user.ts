import type { Actor } from '../../domain/actor.ts'
import { newId } from '../../domain/ids.ts'
import { requireEmail, requireUserName, type User } from '../../domain/user.ts'
import { insertUser } from '../../metadata/users.ts'
import { recordEvent } from '../events/record-event.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'

/** Adds a person or a robot to the actor's team. They can do nothing until a key is made for them. */
export async function createUser(
  registry: Registry,
  actor: Actor,
  input: { name: string; email?: string | null | undefined },
): Promise<User> {
  requireRole(actor, 'admin')
  const name = requireUserName(input.name)
  const email = requireEmail(input.email ?? null)
  return await registry.db.transaction(async trx => {
    const at = registry.clock.now()
    const user: User = { id: newId('user'), teamId: actor.teamId, name, email, createdAt: at }
    await insertUser(trx, user)
    await recordEvent(trx, actor, { kind: 'user.create', at, details: { createdUserId: user.id, name } })
    return user
  })
}
