/** Keeps the registry from removing bytes while they are being copied. */
import { randomUUID } from 'node:crypto'
import { deleteExpiredHolds, deleteHold, HOLD_MS, setHold } from '../metadata/holds.ts'
import { changeAsSystem } from '../registry/change.ts'
import type { Registry } from '../registry/registry.ts'

const RENEW_MS = 60_000

/**
 * Runs `work` under a hold: whatever the database refers to when `work` begins keeps its bytes until `work` has ended. A process that is
 * killed leaves a hold that ends by itself.
 */
export async function holdingBytes<T>(registry: Registry, work: () => Promise<T>): Promise<T> {
  const name = `backup-${randomUUID()}`
  const set = () => changeAsSystem(registry, ({ trx, at }) => setHold(trx, name, at + HOLD_MS))
  await changeAsSystem(registry, ({ trx, at }) => deleteExpiredHolds(trx, at))
  await set()
  const timer = setInterval(() => {
    // A renewal that fails is made up for by the next one, a minute later and long before the end.
    set().catch(error => registry.warn('the hold of a backup could not be renewed', error))
  }, RENEW_MS)
  timer.unref()
  try {
    return await work()
  } finally {
    clearInterval(timer)
    await changeAsSystem(registry, async ({ trx, queue }) => {
      await deleteHold(trx, name)
      // What waited for the end of the hold need not wait any longer.
      queue({ kind: 'reclaim-blobs', key: 'all', payload: {} })
    })
  }
}
