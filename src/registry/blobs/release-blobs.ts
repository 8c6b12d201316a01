import { markBlobsUnreferenced } from '../../metadata/blobs.ts'
import type { SystemChange } from '../change.ts'
import type { Registry } from '../registry.ts'

/** References to these blobs are gone: those that nothing else refers to are reclaimed when their grace time is over. */
export async function releaseBlobs(
  { limits }: Registry,
  { trx, at, queue }: SystemChange,
  ids: string[],
): Promise<void> {
  if (!(await markBlobsUnreferenced(trx, ids, at))) return
  queue({ kind: 'reclaim-blobs', key: 'all', payload: {}, runAt: at + limits.reclaimGraceMs })
}
