import { listApiKeys as listRows } from '../../metadata/api-keys.ts'
import type { Actor } from '../actor.ts'
import { type Page, type PageRequest, pageBySequence } from '../paging.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'
import type { ApiKey } from './api-key.ts'

/** The team's keys that have not been revoked, expired ones included. */
export async function listApiKeys(registry: Registry, actor: Actor, request: PageRequest): Promise<Page<ApiKey>> {
  requireRole(actor, 'admin')
  return await pageBySequence(request, slice => listRows(registry.db.read, actor.teamId, slice))
}
