import type { Actor } from '../../domain/actor.ts'
import { sumBlobSizes } from '../../metadata/blobs.ts'
import { getDefaultStorageProvider } from '../../metadata/storage-providers.ts'
import type { Registry } from '../registry.ts'

export interface Usage {
  /** Bytes the team has stored; the same bytes count once. Bytes of deleted files count until they are removed. */
  modelBytes: number
  /** Bytes that the medium of the team's default provider can still take; undefined when it has no bound. */
  freeBytes: number | undefined
}

export async function measureUsage(registry: Registry, actor: Actor): Promise<Usage> {
  const provider = await getDefaultStorageProvider(registry.db.read, actor.teamId)
  const capacity = await registry.storeOf(provider).capacity()
  return { modelBytes: await sumBlobSizes(registry.db.read, actor.teamId), freeBytes: capacity?.freeBytes }
}
