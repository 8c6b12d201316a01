import type { Actor } from '../../domain/actor.ts'
import type { ApiKey } from '../../domain/api-key.ts'
import { alreadyExists } from '../../domain/errors.ts'
import { newId } from '../../domain/ids.ts'
import { requireNamespace, type Team } from '../../domain/team.ts'
import type { Transaction } from '../../metadata/database.ts'
import { insertStorageProvider } from '../../metadata/storage-providers.ts'
import { insertTeam } from '../../metadata/teams.ts'
import { insertUser } from '../../metadata/users.ts'
import { addApiKey } from '../api-keys/add-api-key.ts'
import { type Change, change } from '../change.ts'
import type { Registry } from '../registry.ts'

export interface NewTeam {
  team: Team
  apiKey: ApiKey
  /** The whole key, to be shown once. */
  key: string
}

/** Makes a team with its first user, its first admin key and its managed storage. Throws `already_exists` when the namespace is taken. */
export async function createTeam(registry: Registry, actor: Actor, input: { namespace: string }): Promise<NewTeam> {
  const namespace = requireNamespace(input.namespace)
  const makeTeam = async ({ trx, at, record }: Change) => {
    const made = await addTeam(trx, { namespace, at, isInstanceAdmin: false })
    record({ kind: 'team.create', subject: { kind: 'team', id: made.team.id }, details: { namespace } })
    return made
  }
  return await change(registry, actor, 'team.create', makeTeam, { isSecret: true })
}

/** The rows of a new team. `key` presets the admin key's text. */
export async function addTeam(
  trx: Transaction,
  input: { namespace: string; at: number; isInstanceAdmin: boolean; key?: string | undefined },
): Promise<NewTeam> {
  const team: Team = { id: newId('team'), namespace: input.namespace, createdAt: input.at }
  if (!(await insertTeam(trx, team))) {
    throw alreadyExists(`a team with the namespace "${team.namespace}" exists already`, {
      kind: 'team',
      id: team.namespace,
    })
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
