/** Which store holds the bytes of a storage provider. */
import { type S3StorageProvider, type StorageProvider, unknownStorageKind } from '../domain/storage-provider.ts'
import type { BlobStore } from './blob-store.ts'

export interface Stores {
  /** The store of a provider; the same one each time, until the provider's settings change. Throws for a kind that this release doesn't know. */
  of(provider: StorageProvider): BlobStore | Promise<BlobStore>
  /** Those that all providers of a kind share: they are open as long as the process runs. */
  shared: readonly BlobStore[]
  /** Throws when one of the shared stores can't keep bytes right now. A provider of a single team must not stop the others. */
  checkHealth(): Promise<void>
  /**
   * Tries everything out that a store needs, and makes the place one of this registry. Throws `invalid_argument` or `unavailable` with the step that failed
   * and what was said, and `conflict` for a place of another registry. `isOwn`: it must be one of this registry already.
   */
  examine(provider: S3StorageProvider, options: { isOwn: boolean }): Promise<void>
  /** Ends the connections of the stores that `of` has opened. Nothing may be asked of them afterwards. */
  close(): void
}

/** A store that has something to end. */
export interface ClosableStore extends BlobStore {
  close(): void
}

/** How stores of S3 providers are opened. */
export interface S3Source {
  open(provider: S3StorageProvider): Promise<ClosableStore>
  examine: Stores['examine']
}

export interface StoreSources {
  /** The one store that all local providers share. */
  local: BlobStore
  s3: S3Source
}

interface Opened {
  /** What the store was made from. */
  settings: string
  store: Promise<ClosableStore>
}

export function createStores({ local, s3 }: StoreSources): Stores {
  /** By the provider's id. */
  const opened = new Map<string, Opened>()
  /** Stores whose provider has changed: what has begun on them may still be under way. */
  const outdated: Promise<ClosableStore>[] = []

  function openOnce(provider: S3StorageProvider): Promise<ClosableStore> {
    const settings = JSON.stringify([provider.settings, provider.sealedSecret])
    const known = opened.get(provider.id)
    if (known?.settings === settings) return known.store
    if (known) outdated.push(known.store)
    const opening = { settings, store: s3.open(provider) }
    opened.set(provider.id, opening)
    // What could not be opened is tried again by the next caller.
    opening.store.catch(() => {
      if (opened.get(provider.id) === opening) opened.delete(provider.id)
    })
    return opening.store
  }

  function of(provider: StorageProvider): BlobStore | Promise<BlobStore> {
    switch (provider.kind) {
      case 'local':
        return local
      case 's3':
        return openOnce(provider)
      default:
        throw unknownStorageKind(provider)
    }
  }

  function close(): void {
    const stores = [...outdated, ...[...opened.values()].map(({ store }) => store)]
    opened.clear()
    for (const store of stores)
      store.then(
        opened => opened.close(),
        () => {},
      )
  }

  return { of, shared: [local], checkHealth: () => local.checkHealth(), examine: s3.examine, close }
}
