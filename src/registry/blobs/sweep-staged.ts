import type { BlobStore } from '../../blobs/blob-store.ts'
import { filterKnownBlobs } from '../../metadata/blobs.ts'
import type { Registry } from '../registry.ts'

const BATCH = 500

/**
 * Removes what is staged and has no row: a process was killed before it could. What any process is receiving right now has the row of an upload,
 * which was there before the bytes. No version refers to staged bytes, so this loses none with whatever database.
 */
export async function sweepStaged(registry: Registry, store: BlobStore): Promise<void> {
  let listed = new Set<string>()
  const removeUnknown = async () => {
    const known = await filterKnownBlobs(registry.db.read, [...listed])
    for (const id of listed) if (!known.has(id)) await store.discardStaged(id)
    listed = new Set()
  }
  for await (const { id } of store.listStaged()) {
    listed.add(id)
    if (listed.size === BATCH) await removeUnknown()
  }
  if (listed.size > 0) await removeUnknown()
}
