import type { KeyActor } from '../../domain/actor.ts'
import { notFound } from '../../domain/errors.ts'
import type { Team } from '../../domain/team.ts'
import type { User } from '../../domain/user.ts'
import { getTeam } from '../../metadata/teams.ts'
import { findUser } from '../../metadata/users.ts'
import type { Registry } from '../registry.ts'

/** Who the actor is: the team and the user of the key. */
export async function getSession(registry: Registry, actor: KeyActor): Promise<{ team: Team; user: User }> {
  const user = await findUser(registry.db.read, actor.userId)
  if (!user) throw notFound('user', actor.userId)
  return { team: await getTeam(registry.db.read, actor.teamId), user }
}
