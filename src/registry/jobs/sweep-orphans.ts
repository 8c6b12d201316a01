import { filterKnownBlobs } from '../../metadata/blobs.ts'
import type { Registry } from '../registry.ts'

/**
 * Removes bytes that were published but whose row never came, because the process was killed in between. Only bytes from before
 * `startedAt` are looked at: younger ones may be waiting for their row right now.
 * @returns how many blobs were removed.
 */
export async function sweepOrphans(registry: Registry, startedAt: number): Promise<number> {
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
  for await (const { id, publishedAt } of store.list()) {
    if (publishedAt < startedAt) candidates.push(id)
    if (candidates.length === 500) await removeOrphans()
  }
  if (candidates.length > 0) await removeOrphans()
  return removed
}
