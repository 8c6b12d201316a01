import { randomBytes, randomUUID } from 'node:crypto'
import type { Instance } from '../../domain/instance.ts'
import type { Database } from '../../metadata/database.ts'
import { findInstance, insertInstance } from '../../metadata/instance.ts'
import type { Clock } from '../clock.ts'
import { addTeam } from '../teams/create-team.ts'

/**
 * Gives an empty registry its identity, its first team and its admin key. Of several processes that start at once, one does. `adminKey` fixes
 * the key's text.
 * @returns the identity, and the first key where this process has made it: it is to be shown once.
 */
export async function initializeInstance(
  { db, clock }: { db: Database; clock: Clock },
  { adminKey }: { adminKey: string | undefined },
): Promise<{ instance: Instance; firstKey: string | undefined }> {
  const present = await findInstance(db.read)
  if (present) return { instance: present, firstKey: undefined }
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
  const instance = firstKey === undefined ? await findInstance(db.read) : fresh
  if (!instance) throw new Error('the registry has no identity, although another process has just given it one')
  return { instance, firstKey }
}
