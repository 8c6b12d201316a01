/** Which store holds the bytes of a storage provider. */
import { type StorageProvider, unknownStorageKind } from '../domain/storage-provider.ts'
import type { BlobStore } from './blob-store.ts'

export interface Stores {
  /** The store of a provider; the same one each time. Throws for a kind that this release doesn't know. */
  of(provider: StorageProvider): BlobStore | Promise<BlobStore>
  /** Every store that is open: those shared by all providers of a kind, and those that `of` has opened. Each comes once. */
  all(): Promise<BlobStore[]>
  /** Throws when one of the shared stores can't keep bytes right now. A provider of a single team must not stop the others. */
  checkHealth(): Promise<void>
}

/** For each kind of provider the one store that all of them share, or how the store of a single one is opened. */
export type StoreSources = {
  [Kind in StorageProvider['kind']]:
    | BlobStore
    | ((provider: Extract<StorageProvider, { kind: Kind }>) => Promise<BlobStore>)
}

export function createStores(sources: StoreSources): Stores {
  const shared = Object.values(sources).filter(source => typeof source !== 'function')
  /** By the provider's id. */
  const opened = new Map<string, Promise<BlobStore>>()

  function of(provider: StorageProvider): BlobStore | Promise<BlobStore> {
    const source = Object.hasOwn(sources, provider.kind) ? sources[provider.kind] : undefined
    if (!source) throw unknownStorageKind(provider)
    if (typeof source !== 'function') return source
    const known = opened.get(provider.id)
    if (known) return known
    const opening = source(provider)
    opened.set(provider.id, opening)
    // What could not be opened is tried again by the next caller.
    opening.catch(() => opened.delete(provider.id))
    return opening
  }

  async function all(): Promise<BlobStore[]> {
    const stores = await Promise.allSettled(opened.values())
    return [...shared, ...stores.flatMap(store => (store.status === 'fulfilled' ? [store.value] : []))]
  }

  async function checkHealth(): Promise<void> {
    await Promise.all(shared.map(store => store.checkHealth()))
  }

  return { of, all, checkHealth }
}
