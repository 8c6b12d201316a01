import type { Instance } from '../domain/instance.ts'
import type { Reader, Transaction } from './database.ts'

export async function findInstance(db: Reader): Promise<Instance | undefined> {
  const row = await db.selectFrom('instance').selectAll().executeTakeFirst()
  return row && { id: row.id, cursorKey: row.cursor_key, createdAt: row.created_at }
}

/** Answers false, and changes nothing, when the installation has an identity already. Of several that start at once, one gets true. */
export async function insertInstance(trx: Transaction, instance: Instance): Promise<boolean> {
  const row = await trx
    .insertInto('instance')
    .values({ singleton: 1, id: instance.id, cursor_key: instance.cursorKey, created_at: instance.createdAt })
    .onConflict(conflict => conflict.doNothing())
    .returning('singleton')
    .executeTakeFirst()
  return row !== undefined
}
