import { randomBytes, randomUUID } from 'node:crypto'
import type { Stores } from '../../blobs/stores.ts'
import type { Instance } from '../../domain/instance.ts'
import type { Database } from '../../metadata/database.ts'
import { findInstance, insertInstance } from '../../metadata/instance.ts'
import type { Clock } from '../clock.ts'
import { addTeam } from '../teams/create-team.ts'
import { claimStores, requireUnusedStores } from './claim-stores.ts'

/**
 * Gives an empty registry its identity, its first team and its admin key. Of several processes that start at once, one does. `adminKey` fixes
 * the key's text. A key that was not given is told to `onFirstKey` the moment it is kept, since nothing can show it again later. Throws when the
 * stored bytes are of another installation.
 */
export async function initializeInstance(
  { db, clock, stores }: { db: Database; clock: Clock; stores: Stores },
  { adminKey, onFirstKey }: { adminKey: string | undefined; onFirstKey: (key: string) => void },
): Promise<Instance> {
  const present = await findInstance(db.read)
  const made = present ? undefined : await makeInstance({ db, clock, stores }, adminKey)
  if (made && adminKey === undefined) onFirstKey(made.firstKey)
  const instance = present ?? made?.instance ?? (await findInstance(db.read))
  if (!instance) throw new Error('the registry has no identity, although another process has just given it one')
  await claimStores(stores.shared, instance, db.read)
  return instance
}

/** Answers undefined when another process has been first. */
async function makeInstance(
  { db, clock, stores }: { db: Database; clock: Clock; stores: Stores },
  adminKey: string | undefined,
): Promise<{ instance: Instance; firstKey: string } | undefined> {
  try {
    await requireUnusedStores(stores.shared)
  } catch (error) {
    // Another process that started at the same moment may have claimed them for this database.
    if (await findInstance(db.read)) return undefined
    throw error
  }
  const fresh: Instance = {
    id: randomUUID(),
    cursorKey: randomBytes(32).toString('base64'),
    createdAt: clock.now(),
  }
  const firstKey = await db.transaction(async trx => {
    if (!(await insertInstance(trx, fresh))) return undefined
    const { key } = await addTeam(trx, {
      namespace: 'default',
      at: fresh.createdAt,
      isInstanceAdmin: true,
      key: adminKey,
    })
    return key
  })
  return firstKey === undefined ? undefined : { instance: fresh, firstKey }
}
