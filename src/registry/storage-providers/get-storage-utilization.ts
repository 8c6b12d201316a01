import type { Actor } from '../../domain/actor.ts'
import { requirePermission } from '../../domain/permissions.ts'
import { sumBlobSizes } from '../../metadata/blobs.ts'
import { getDefaultStorageProvider } from '../../metadata/storage-providers.ts'
import type { Registry } from '../registry.ts'

export interface StorageUtilization {
  /** Bytes the team has stored; the same bytes count once. Bytes of deleted files count until they are removed. */
  modelBytes: number
  /** Bytes that the medium of the team's default provider can still take; undefined when it has no bound. */
  freeBytes: number | undefined
}

export async function getStorageUtilization(registry: Registry, actor: Actor): Promise<StorageUtilization> {
  const { teamId } = requirePermission(actor, 'storage-provider.read')
  const provider = await getDefaultStorageProvider(registry.db.read, teamId)
  // A bucket has no bound, and need not even be within reach.
  const store = provider.kind === 'local' ? await registry.stores.of(provider) : undefined
  const capacity = await store?.capacity()
  return { modelBytes: await sumBlobSizes(registry.db.read, teamId), freeBytes: capacity?.freeBytes }
}
