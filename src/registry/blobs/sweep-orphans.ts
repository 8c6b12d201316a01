import { findNextUnknown, listUnknownBytes } from '../../metadata/unknown-bytes.ts'
import type { Registry } from '../registry.ts'
import { forEachStore } from '../storage-providers/open-stores.ts'
import { findUnknownBytes, requireSameInstance } from './find-unknown-bytes.ts'
import { removeUnknownBytes } from './remove-unknown-bytes.ts'
import { sweepStaged } from './sweep-staged.ts'

/** How long bytes stay after they were found to be unknown, in ms: time to notice that the database is the wrong one. */
export const KEEP_UNKNOWN_MS = 7 * 24 * 60 * 60_000
/** More than so many are never removed without being asked. */
export const UNASKED_MAX = 20

/**
 * Removes what a killed process left staged. Of published bytes, notes what no row knows, and removes what was noted a week ago and is unknown
 * still, unless that is much.
 * @returns when to look again (ms since 1970), or undefined when nothing waits.
 */
export async function sweepOrphans(registry: Registry): Promise<number | undefined> {
  await forEachStore(registry, async store => {
    await requireSameInstance(registry, store)
    await sweepStaged(registry, store)
  })
  const unknown = await findUnknownBytes(registry)
  const before = registry.clock.now() - KEEP_UNKNOWN_MS
  const overdue = await listUnknownBytes(registry.db.read, before, UNASKED_MAX + 1)
  if (overdue.length <= UNASKED_MAX) await removeUnknownBytes(registry, before)
  if (unknown > UNASKED_MAX) {
    registry.warn(
      `${unknown} stored blobs are unknown to the database, which may be an older copy or a wrong one. They stay where they are; ` +
        'where the database is right, `holotype sweep --remove` removes them',
    )
  }
  const next = await findNextUnknown(registry.db.read, before)
  return next === undefined ? undefined : next + KEEP_UNKNOWN_MS
}
