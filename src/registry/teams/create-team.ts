import type { Actor } from '../../domain/actor.ts'
import type { ApiKey } from '../../domain/api-key.ts'
import { conflict } from '../../domain/errors.ts'
import { newId } from '../../domain/ids.ts'
import { requireNamespace, type Team } from '../../domain/team.ts'
import { isUniqueViolation } from '../../metadata/constraints.ts'
import type { Queryable } from '../../metadata/database.ts'
import { insertStorageProvider } from '../../metadata/storage-providers.ts'
import { insertTeam } from '../../metadata/teams.ts'
import { insertUser } from '../../metadata/users.ts'
import { addApiKey } from '../api-keys/create-api-key.ts'
import { recordEvent } from '../events/record-event.ts'
import { requireInstanceAdmin } from '../policies.ts'
import type { Registry } from '../registry.ts'

export interface NewTeam {
  team: Team
  apiKey: ApiKey
  /** The whole key, to be shown once. */
  key: string
}

/** Makes a team with its first user, its first admin key and its managed storage. Throws `conflict` when the namespace is taken. */
export async function createTeam(registry: Registry, actor: Actor, input: { namespace: string }): Promise<NewTeam> {
  requireInstanceAdmin(actor)
  const namespace = requireNamespace(input.namespace)
  return await registry.db.transaction(async trx => {
    const made = await addTeam(trx, { namespace, at: registry.clock.now(), isInstanceAdmin: false })
    const { team } = made
    await recordEvent(trx, actor, { kind: 'team.create', at: team.createdAt, details: { teamId: team.id, namespace } })
    return made
  })
}

/** The rows of a new team. `key` presets the admin key's text. */
export async function addTeam(
  trx: Queryable,
  input: { namespace: string; at: number; isInstanceAdmin: boolean; key?: string | undefined },
): Promise<NewTeam> {
  const team: Team = { id: newId('team'), namespace: input.namespace, createdAt: input.at }
  try {
    await insertTeam(trx, team)
  } catch (error) {
    if (isUniqueViolation(error)) throw conflict(`a team with the namespace "${team.namespace}" exists already`)
    throw error
  }
  const user = { id: newId('user'), teamId: team.id, name: 'admin', email: null, createdAt: input.at }
  await insertUser(trx, user)
  await insertStorageProvider(trx, {
    id: newId('storageProvider'),
    teamId: team.id,
    name: 'Holotype managed storage',
    kind: 'local',
    isTeamDefault: true,
    createdAt: input.at,
  })
  const { apiKey, key } = await addApiKey(trx, {
    teamId: team.id,
    userId: user.id,
    name: 'first admin key',
    role: 'admin',
    expiresAt: null,
    at: input.at,
    isInstanceAdmin: input.isInstanceAdmin,
    key: input.key,
  })
  return { team, apiKey, key }
}
