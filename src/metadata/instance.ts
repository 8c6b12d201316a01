import type { Instance } from '../domain/instance.ts'
import type { Reader, Transaction } from './database.ts'

/** Stands where the id belongs while a copy fills the database. */
const UNFINISHED = 'unfinished'

/** Throws when the database is a copy that has not come to its end: it is neither empty nor whole. */
export async function findInstance(db: Reader): Promise<Instance | undefined> {
  const row = await db.selectFrom('instance').selectAll().executeTakeFirst()
  if (row?.id === UNFINISHED) {
    throw new Error(
      'a move or a restore into this database is under way or has failed: wait for its end, or make an empty database and run it again',
    )
  }
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

/** Marks a database as one that a copy is filling. Answers as `insertInstance` does. */
export async function insertUnfinishedInstance(trx: Transaction): Promise<boolean> {
  return await insertInstance(trx, { id: UNFINISHED, cursorKey: '', createdAt: 0 })
}

/** Takes the mark away, so that the identity can be written. Throws when it is not there. */
export async function deleteUnfinishedInstance(trx: Transaction): Promise<void> {
  const row = await trx.deleteFrom('instance').where('id', '=', UNFINISHED).returning('id').executeTakeFirst()
  if (!row) throw new Error('the mark of an unfinished copy is gone')
}
