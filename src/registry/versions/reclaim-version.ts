import { markBlobsUnreferenced } from '../../metadata/blobs.ts'
import { deleteSomeFiles } from '../../metadata/files.ts'
import { findModel } from '../../metadata/models.ts'
import { deleteVersionRow, findVersion } from '../../metadata/versions.ts'
import { queueBlobReclaim } from '../blobs/queue-blob-reclaim.ts'
import type { Registry } from '../registry.ts'

/** Rows per transaction: few enough that others hardly wait. */
const CHUNK = 500

/** Removes the rows of a deleted version and starts the grace time of bytes that nothing refers to any more. May be repeated. */
export async function reclaimVersion(registry: Registry, version: { modelId: string; number: number }): Promise<void> {
  // What anybody can still see is not to be removed, whatever a job says.
  const { read } = registry.db
  if ((await findModel(read, version.modelId)) && (await findVersion(read, version.modelId, version.number))) return
  let removed: number
  do {
    removed = await registry.db.transaction(async trx => {
      const blobs = await deleteSomeFiles(trx, version, CHUNK)
      const at = registry.clock.now()
      if (await markBlobsUnreferenced(trx, blobs, at)) await queueBlobReclaim(registry, trx, at)
      return blobs.length
    })
  } while (removed === CHUNK)
  await registry.db.transaction(trx => deleteVersionRow(trx, version.modelId, version.number))
}
