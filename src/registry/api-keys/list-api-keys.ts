import type { Actor } from '../../domain/actor.ts'
import type { ApiKey } from '../../domain/api-key.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import { requirePermission } from '../../domain/permissions.ts'
import * as apiKeys from '../../metadata/api-keys.ts'
import { pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'

/** The team's keys that have not been revoked, expired ones included. */
export async function listApiKeys(registry: Registry, actor: Actor, request: PageRequest): Promise<Page<ApiKey>> {
  const { teamId } = requirePermission(actor, 'api-key.list')
  return await pageBySequence(registry, {
    scope: ['api-keys', teamId],
    request,
    query: slice => apiKeys.listApiKeys(registry.db.read, teamId, slice),
  })
}
