import type { Actor } from '../../domain/actor.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import { requirePermission } from '../../domain/permissions.ts'
import type { StorageProvider } from '../../domain/storage-provider.ts'
import * as storageProviders from '../../metadata/storage-providers.ts'
import { pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'

export async function listStorageProviders(
  registry: Registry,
  actor: Actor,
  request: PageRequest,
): Promise<Page<StorageProvider>> {
  const { teamId } = requirePermission(actor, 'storage-provider.read')
  return await pageBySequence(registry, {
    scope: ['storage-providers', teamId],
    request,
    query: slice => storageProviders.listStorageProviders(registry.db.read, teamId, slice),
  })
}
