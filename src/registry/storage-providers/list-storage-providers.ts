import { listStorageProviders as listRows } from '../../metadata/storage-providers.ts'
import type { Actor } from '../actor.ts'
import { type Page, type PageRequest, pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'
import type { StorageProvider } from './storage-provider.ts'

export async function listStorageProviders(
  registry: Registry,
  actor: Actor,
  request: PageRequest,
): Promise<Page<StorageProvider>> {
  return await pageBySequence(request, slice => listRows(registry.db.read, actor.teamId, slice))
}
