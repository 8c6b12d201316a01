import type { Actor } from '../../domain/actor.ts'
import { newId } from '../../domain/ids.ts'
import { requireEmail, requireUserName, type User } from '../../domain/user.ts'
import { insertUser } from '../../metadata/users.ts'
import { change } from '../change.ts'
import type { Registry } from '../registry.ts'

/** Adds a person or a robot to the actor's team. They can do nothing until a key is made for them. */
export async function createUser(
  registry: Registry,
  actor: Actor,
  input: { name: string; email?: string | null | undefined },
): Promise<User> {
  const name = requireUserName(input.name)
  const email = requireEmail(input.email ?? null)
  return await change(registry, actor, 'user.create', async ({ trx, actor: { teamId }, at, record }) => {
    const user: User = { id: newId('user'), teamId, name, email, createdAt: at }
    await insertUser(trx, user)
    record({ kind: 'user.create', subject: { kind: 'user', id: user.id }, details: { name } })
    return user
  })
}
