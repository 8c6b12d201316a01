import { filterKnownBlobs } from '../../metadata/blobs.ts'
import { forgetUnknownBytes, listUnknownBytes } from '../../metadata/unknown-bytes.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'
import { forEachStore } from '../storage-providers/open-stores.ts'

const BATCH = 500

/**
 * Removes what was noted as unknown at `before` (ms since 1970) or earlier, for good. What has got a row meanwhile stays. May be repeated.
 * @returns how many blobs were removed.
 */
export async function removeUnknownBytes(registry: Registry, before: number): Promise<number> {
  let removed = 0
  for (;;) {
    const noted = await listUnknownBytes(registry.db.read, before, BATCH)
    if (noted.length === 0) return removed
    const known = await filterKnownBlobs(registry.db.read, noted)
    const unknown = noted.filter(id => !known.has(id))
    for (const id of unknown) await removeEverywhere(registry, id)
    await changeAsSystem(registry, ({ trx }) => forgetUnknownBytes(trx, noted))
    removed += unknown.length
  }
}

/** An id is used once, in one store; the others don't have it. */
async function removeEverywhere(registry: Registry, id: string): Promise<void> {
  await forEachStore(registry, store => store.delete(id))
}
