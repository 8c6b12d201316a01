/**
 * Published bytes that no row knows. A killed process leaves few of them: what it was receiving has the row of an upload, which ends by
 * itself. Many mean that the database is not the one of these bytes: an older copy was put in its place, or a wrong one. So what is found
 * is noted, and stays where it is.
 */
import type { BlobStore, StoredBlob } from '../../blobs/blob-store.ts'
import { conflict } from '../../domain/errors.ts'
import { filterKnownBlobs } from '../../metadata/blobs.ts'
import { countUnknownBytes, forgetUnseenBytes, noteUnknownBytes } from '../../metadata/unknown-bytes.ts'
import { changeAsSystem } from '../change.ts'
import type { Registry } from '../registry.ts'
import { forEachStore } from '../storage-providers/open-stores.ts'

const BATCH = 500

/**
 * Looks through all stores, notes what no row knows, and forgets notes of what is there no more. Works beside uploads: each has a row before its
 * first byte. Throws where a store is not the one of this registry.
 * @returns how many blobs are unknown.
 */
export async function findUnknownBytes(registry: Registry): Promise<number> {
  const since = registry.clock.now()
  await forEachStore(registry, async store => {
    await requireSameInstance(registry, store)
    await noteUnknown(registry, store.list())
  })
  await changeAsSystem(registry, ({ trx }) => forgetUnseenBytes(trx, since))
  return await countUnknownBytes(registry.db.read)
}

/** Throws `conflict` where the store is not the one of this registry, or not any more. */
export async function requireSameInstance({ instance }: Registry, store: BlobStore): Promise<void> {
  if ((await store.readInstanceId()) === instance.id) return
  throw conflict('the stored bytes are not those of this registry any more')
}

/** The blobs are listed before their rows are asked for, so that a row that comes in between is seen. */
async function noteUnknown(registry: Registry, blobs: AsyncIterable<StoredBlob>): Promise<void> {
  let listed = new Set<string>()
  const note = async () => {
    const known = await filterKnownBlobs(registry.db.read, [...listed])
    const unknown = [...listed].filter(id => !known.has(id))
    listed = new Set()
    if (unknown.length > 0) await changeAsSystem(registry, ({ trx, at }) => noteUnknownBytes(trx, unknown, at))
  }
  for await (const { id } of blobs) {
    listed.add(id)
    if (listed.size === BATCH) await note()
  }
  if (listed.size > 0) await note()
}
