import type { Actor } from '../../domain/actor.ts'
import type { Model } from '../../domain/model.ts'
import { requireOwnership, requirePermission } from '../../domain/permissions.ts'
import type { StorageProvider } from '../../domain/storage-provider.ts'
import type { Reader } from '../../metadata/database.ts'
import { findStorageProvider, getDefaultStorageProvider } from '../../metadata/storage-providers.ts'
import type { Registry } from '../registry.ts'

export async function getStorageProvider(registry: Registry, actor: Actor, id: string): Promise<StorageProvider> {
  return await getOwnStorageProvider(registry.db.read, requirePermission(actor, 'storage-provider.read'), id)
}

/** A storage provider of the actor's team. Throws `not_found`. */
export async function getOwnStorageProvider(db: Reader, actor: Actor, id: string): Promise<StorageProvider> {
  return requireOwnership(actor, 'storage-provider', id, await findStorageProvider(db, id))
}

/** Where new bytes of a model go: the provider it names, else its team's default. */
export async function getStorageProviderOf(db: Reader, model: Model): Promise<StorageProvider> {
  const named = model.storageProviderId === null ? undefined : await findStorageProvider(db, model.storageProviderId)
  return named ?? (await getDefaultStorageProvider(db, model.teamId))
}
