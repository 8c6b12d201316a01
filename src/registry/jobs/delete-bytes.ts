import { findStorageProvider } from '../../metadata/storage-providers.ts'
import type { Registry } from '../registry.ts'

/** Removes the bytes of a blob whose row is gone. May be repeated. */
export async function deleteBytes(registry: Registry, providerId: string, blobId: string): Promise<void> {
  const provider = await findStorageProvider(registry.db.read, providerId)
  if (provider) await registry.storeOf(provider).delete(blobId)
}
