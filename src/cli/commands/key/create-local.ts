/** Makes a key directly in the database, on the machine that keeps it. Loaded only when it is asked for. */
import { attachRegistry } from '../../../app.ts'
import { readConfig } from '../../../config.ts'
import type { Environment } from '../../../domain/settings.ts'
import { createLocalKey } from '../../../registry/api-keys/create-local-key.ts'

export interface LocalKeyOptions {
  name: string
  role: 'reader' | 'writer' | 'admin'
  expires?: string
  user?: string
  team?: string
  instanceAdmin?: boolean
  dataDir?: string
}

/** The new key in the form of the API, with the namespace of its team. Works beside a running server. */
export async function createKeyHere(
  { name, role, expires, user, team, instanceAdmin = false, dataDir }: LocalKeyOptions,
  env: Environment,
) {
  const config = readConfig({ ...env, ...(dataDir !== undefined && { HOLOTYPE_DATA_DIR: dataDir }) })
  await using attached = await attachRegistry(config, { needsBytes: false })
  const made = await createLocalKey(attached.registry, {
    name,
    role,
    expiresAt: expires === undefined ? null : Date.parse(expires),
    userId: user,
    team,
    isInstanceAdmin: instanceAdmin,
  })
  const { id, userId, createdAt, isInstanceAdmin } = made.apiKey
  return {
    dtCreated: new Date(createdAt).toISOString(),
    dtExpires: expires ?? null,
    dtLastUsed: null,
    id,
    isInstanceAdmin,
    name,
    role,
    userId,
    key: made.key,
    team: made.team.namespace,
  }
}
