/** Work on the stores of all providers. A bucket that can't be used concerns a single team, and keeps the others from nothing. */
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { StorageProvider } from '../../domain/storage-provider.ts'
import { listForeignProviders } from '../../metadata/storage-providers.ts'
import type { Registry } from '../registry.ts'

const PAGE = 100

/**
 * Runs `work` on every store, one after the other. What fails on a shared store is thrown; what fails on the one of an S3 provider, or that it
 * can't be opened, is only warned of.
 */
export async function forEachStore(registry: Registry, work: (store: BlobStore) => Promise<void>): Promise<void> {
  for (const store of registry.stores.shared) await work(store)
  await forEachForeignStore(registry, work)
}

/** The same for the stores of S3 providers alone. */
export async function forEachForeignStore(
  registry: Registry,
  work: (store: BlobStore) => Promise<void>,
): Promise<void> {
  let after: number | undefined
  do {
    const page = await listForeignProviders(registry.db.read, { after, limit: PAGE, order: 'asc' })
    for (const provider of page.items) {
      try {
        await work(await registry.stores.of(provider))
      } catch (error) {
        warnOf(registry, provider, error)
      }
    }
    after = page.next
  } while (after !== undefined)
}

function warnOf(registry: Registry, { id, name }: StorageProvider, error: unknown): void {
  registry.warn(`the storage provider ${id} (${JSON.stringify(name)}) can not be used`, error)
}
