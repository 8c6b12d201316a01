import type { BlobStore, StoredBlob } from '../../blobs/blob-store.ts'
import { filterKnownBlobs } from '../../metadata/blobs.ts'
import type { Registry } from '../registry.ts'

const BATCH = 500

/**
 * Removes bytes, staged or published, whose row never came because the process was killed in between. What any process is receiving right now has
 * the row of an upload, which was there before the bytes.
 * @returns how many blobs were removed.
 */
export async function sweepOrphans(registry: Registry): Promise<number> {
  let removed = 0
  for (const store of await registry.stores.all()) removed += await sweepStore(registry, store)
  return removed
}

async function sweepStore(registry: Registry, store: BlobStore): Promise<number> {
  const staged = await removeUnknown(registry, store.listStaged(), id => store.discardStaged(id))
  const published = await removeUnknown(registry, store.list(), id => store.delete(id))
  return staged + published
}

/** The blobs are listed before their rows are asked for, so that a row that comes in between is seen. */
async function removeUnknown(
  registry: Registry,
  blobs: AsyncIterable<StoredBlob>,
  remove: (id: string) => Promise<void>,
): Promise<number> {
  let removed = 0
  let candidates: string[] = []
  const removeOrphans = async () => {
    const known = await filterKnownBlobs(registry.db.read, candidates)
    for (const id of candidates) {
      if (known.has(id)) continue
      await remove(id)
      removed += 1
    }
    candidates = []
  }
  for await (const { id } of blobs) {
    candidates.push(id)
    if (candidates.length === BATCH) await removeOrphans()
  }
  if (candidates.length > 0) await removeOrphans()
  return removed
}
