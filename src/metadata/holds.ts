import type { Transaction } from './database.ts'

/** Long enough to outlast a machine that is suspended for a while, short enough that a killed backup doesn't block for days. In ms. */
export const HOLD_MS = 60 * 60_000

/**
 * Nothing that `name` protects may be taken away before `until`. Repeating it moves the end. Removals that have looked for holds already end
 * first: whoever looks at the database after this was committed sees what they have left.
 */
export async function setHold(trx: Transaction, name: string, until: number): Promise<void> {
  await trx.selectFrom('instance').select('singleton').forUpdate().execute()
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

/** The end of the last hold still running at `at`, if there is one. If there is none, none is set before the end of the transaction. */
export async function findHoldEnd(trx: Transaction, at: number): Promise<number | undefined> {
  await trx.selectFrom('instance').select('singleton').forShare().execute()
  const row = await trx
    .selectFrom('holds')
    .select('until')
    .where('until', '>', at)
    .orderBy('until', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.until
}
