import type { Actor } from '../../domain/actor.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import type { StorageProvider } from '../../domain/storage-provider.ts'
import * as storageProviders from '../../metadata/storage-providers.ts'
import { pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'

export async function listStorageProviders(
  registry: Registry,
  actor: Actor,
  request: PageRequest,
): Promise<Page<StorageProvider>> {
  return await pageBySequence(request, slice =>
    storageProviders.listStorageProviders(registry.db.read, actor.teamId, slice),
  )
}
