import type { Reader, Transaction } from './database.ts'

/** Nothing that `name` protects may be taken away before `until`. Repeating it moves the end. */
export async function setHold(trx: Transaction, name: string, until: number): Promise<void> {
  await trx
    .insertInto('holds')
    .values({ name, until })
    .onConflict(conflict => conflict.column('name').doUpdateSet({ until }))
    .execute()
}

export async function deleteHold(trx: Transaction, name: string): Promise<void> {
  await trx.deleteFrom('holds').where('name', '=', name).execute()
}

/** Clears away what killed processes left. */
export async function deleteExpiredHolds(trx: Transaction, at: number): Promise<void> {
  await trx.deleteFrom('holds').where('until', '<=', at).execute()
}

/** The end of the last hold still running at `at`, if there is one. */
export async function findHoldEnd(db: Reader, at: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('holds')
    .select('until')
    .where('until', '>', at)
    .orderBy('until', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.until
}
