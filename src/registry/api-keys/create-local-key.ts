import type { Role } from '../../domain/actor.ts'
import { type ApiKey, requireKeyName } from '../../domain/api-key.ts'
import { invalidArgument, notFound } from '../../domain/errors.ts'
import type { Team } from '../../domain/team.ts'
import type { Reader } from '../../metadata/database.ts'
import { findFirstTeam, findTeam } from '../../metadata/teams.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'
import { shareUserOf } from '../users/get-user.ts'
import { addApiKey } from './add-api-key.ts'

export interface LocalKey {
  name: string
  role: Role
  /** ms since 1970; null: it never expires. */
  expiresAt: number | null
  userId?: string | undefined
  /** The namespace or the id of a team; the first one unless given. */
  team?: string | undefined
  isInstanceAdmin: boolean
}

/**
 * Makes a key for whoever may write the database itself: the owner of the machine, who needs no other key for it. It works beside running
 * servers, and at once. Throws `not_found` for a team or a user that doesn't exist.
 */
export async function createLocalKey(
  registry: Registry,
  input: LocalKey,
): Promise<{ apiKey: ApiKey; key: string; team: Team }> {
  const { role, expiresAt, isInstanceAdmin } = input
  const name = requireKeyName(input.name)
  if (isInstanceAdmin && role !== 'admin') throw invalidArgument('role', 'of an instance-admin key must be "admin"')
  return await changeAsSystem(registry, async ({ trx, at, record }) => {
    if (expiresAt !== null && expiresAt <= at) throw invalidArgument('expiresAt', 'must be in the future')
    const first = await findFirstTeam(trx)
    const team = input.team === undefined ? first : await findNamedTeam(trx, input.team)
    if (!first || !team) throw notFound('team', input.team ?? '')
    if (isInstanceAdmin && team.id !== first.id) {
      throw invalidArgument('team', `of an instance-admin key must be "${first.namespace}", as that of the first one`)
    }
    const user = await shareUserOf(trx, team.id, input.userId, at)
    const made = await addApiKey(trx, { teamId: team.id, userId: user.id, name, role, expiresAt, at, isInstanceAdmin })
    record({
      kind: 'api-key.create',
      teamId: team.id,
      subject: { kind: 'api-key', id: made.apiKey.id },
      details: { name, role, userId: user.id, ...(isInstanceAdmin && { isInstanceAdmin }) },
    })
    return { ...made, team }
  })
}

async function findNamedTeam(db: Reader, named: string): Promise<Team | undefined> {
  return (await findTeam(db, { namespace: named })) ?? (await findTeam(db, { id: named }))
}
