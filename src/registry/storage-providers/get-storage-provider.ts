import type { Actor } from '../../domain/actor.ts'
import { conflict } from '../../domain/errors.ts'
import type { Model } from '../../domain/model.ts'
import { requireOwnership, requirePermission } from '../../domain/permissions.ts'
import type { StorageProvider } from '../../domain/storage-provider.ts'
import type { Reader, Transaction } from '../../metadata/database.ts'
import {
  findStorageProvider,
  getDefaultStorageProvider,
  lockStorageProvider,
  lockStorageProviderAlone,
  shareStorageProvider,
} from '../../metadata/storage-providers.ts'
import type { Registry } from '../registry.ts'

export async function getStorageProvider(registry: Registry, actor: Actor, id: string): Promise<StorageProvider> {
  return await getOwnStorageProvider(registry.db.read, requirePermission(actor, 'storage-provider.read'), id)
}

/** A storage provider of the actor's team. Throws `not_found`. */
export async function getOwnStorageProvider(db: Reader, actor: Actor, id: string): Promise<StorageProvider> {
  return requireOwnership(actor, 'storage-provider', id, await findStorageProvider(db, id))
}

/** The same for what refers to it: it stays until the end of the transaction. */
export async function shareOwnStorageProvider(trx: Transaction, actor: Actor, id: string): Promise<StorageProvider> {
  return requireOwnership(actor, 'storage-provider', id, await shareStorageProvider(trx, id))
}

/** The same for changing it. */
export async function lockOwnStorageProvider(trx: Transaction, actor: Actor, id: string): Promise<StorageProvider> {
  return requireOwnership(actor, 'storage-provider', id, await lockStorageProvider(trx, id))
}

/** The same for deleting it: nothing refers to it anew until the end of the transaction. */
export async function lockOwnStorageProviderAlone(
  trx: Transaction,
  actor: Actor,
  id: string,
): Promise<StorageProvider> {
  return requireOwnership(actor, 'storage-provider', id, await lockStorageProviderAlone(trx, id))
}

/** Keeps the provider that was chosen for new bytes until the end of the transaction. Throws `conflict` when it has just been deleted. */
export async function keepStorageProvider(trx: Transaction, { id }: StorageProvider): Promise<void> {
  if (await shareStorageProvider(trx, id)) return
  throw conflict('the storage provider for these bytes has just been deleted; send them again', {
    kind: 'storage-provider',
    id,
  })
}

/** Where new bytes of a model go: the provider it names, else its team's default. */
export async function getStorageProviderOf(db: Reader, model: Model): Promise<StorageProvider> {
  const named = model.storageProviderId === null ? undefined : await findStorageProvider(db, model.storageProviderId)
  return named ?? (await getDefaultStorageProvider(db, model.teamId))
}
