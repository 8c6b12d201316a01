import { filterKnownBlobs } from '../../metadata/blobs.ts'
import type { Registry } from '../registry.ts'

const BATCH = 500

/**
 * Removes bytes that were published but whose row never came, because the process was killed in between. What any process is receiving right now has
 * the row of an upload, which was there before the bytes.
 * @returns how many blobs were removed.
 */
export async function sweepOrphans(registry: Registry): Promise<number> {
  const store = registry.storeOf({ kind: 'local' })
  let removed = 0
  let candidates: string[] = []
  const removeOrphans = async () => {
    const known = await filterKnownBlobs(registry.db.read, candidates)
    for (const id of candidates) {
      if (known.has(id)) continue
      await store.delete(id)
      removed += 1
    }
    candidates = []
  }
  for await (const id of store.list()) {
    candidates.push(id)
    if (candidates.length === BATCH) await removeOrphans()
  }
  if (candidates.length > 0) await removeOrphans()
  return removed
}
