import { filterKnownBlobs } from '../../metadata/blobs.ts'
import type { Registry } from '../registry.ts'

/**
 * Removes bytes that were published but whose row never came, because the process was killed in between. What this process is
 * publishing right now is left alone; it is asked for before the rows are, so that a row that comes in between is seen.
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
    if (!registry.publishing.has(id)) candidates.push(id)
    if (candidates.length === 500) await removeOrphans()
  }
  if (candidates.length > 0) await removeOrphans()
  return removed
}
