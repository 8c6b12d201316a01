import { hasTeams } from '../../metadata/teams.ts'
import type { Registry } from '../registry.ts'
import { addTeam } from '../teams/create-team.ts'

/**
 * Makes the first team and its admin key when the registry is empty. `presetKey` fixes the key's text.
 * @returns the key, to be shown once; undefined when the registry was in use already.
 */
export async function initializeRegistry(
  registry: Registry,
  presetKey: string | undefined,
): Promise<string | undefined> {
  if (await hasTeams(registry.db.read)) return undefined
  return await registry.db.transaction(async trx => {
    if (await hasTeams(trx)) return undefined
    const at = registry.clock.now()
    const { key } = await addTeam(trx, { namespace: 'default', at, isInstanceAdmin: true, key: presetKey })
    return key
  })
}
