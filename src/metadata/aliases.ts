import type { Selectable } from 'kysely'
import type { Alias } from '../domain/alias.ts'
import type { Rows, Slice } from '../domain/paging.ts'
import type { Reader, Transaction } from './database.ts'
import type { AliasesTable } from './schema.ts'
import { inSlice, toRows } from './slices.ts'

export async function findAlias(db: Reader, modelId: string, name: string): Promise<Alias | undefined> {
  const row = await db
    .selectFrom('aliases')
    .selectAll()
    .where('model_id', '=', modelId)
    .where('name', '=', name)
    .executeTakeFirst()
  return row && toAlias(row)
}

export async function listAliases(db: Reader, modelId: string, slice: Slice<number>): Promise<Rows<Alias, number>> {
  const query = inSlice(db.selectFrom('aliases').selectAll().where('model_id', '=', modelId), 'seq', slice)
  return toRows(await query.execute(), slice.limit, toAlias, row => row.seq)
}

/** An alias that points at the version, if one does. */
export async function findAliasOfVersion(db: Reader, modelId: string, number: number): Promise<string | undefined> {
  const row = await db
    .selectFrom('aliases')
    .select('name')
    .where('model_id', '=', modelId)
    .where('number', '=', number)
    .limit(1)
    .executeTakeFirst()
  return row?.name
}

/** Makes the alias or moves it, in one step. */
export async function upsertAlias(trx: Transaction, alias: Alias): Promise<void> {
  const target = { number: alias.number, user_id: alias.userId, modified_at: alias.modifiedAt }
  await trx
    .insertInto('aliases')
    .values({ model_id: alias.modelId, name: alias.name, created_at: alias.createdAt, ...target })
    .onConflict(conflict => conflict.columns(['model_id', 'name']).doUpdateSet(target))
    .execute()
}

export async function deleteAliasRow(trx: Transaction, modelId: string, name: string): Promise<void> {
  await trx.deleteFrom('aliases').where('model_id', '=', modelId).where('name', '=', name).execute()
}

/** Removes up to `limit` aliases of a model that gets no more of them, and answers how many there were. See `deleteSomeFiles`. */
export async function deleteSomeAliases(trx: Transaction, modelId: string, limit: number): Promise<number> {
  const ofModel = trx.selectFrom('aliases').select('seq').where('model_id', '=', modelId)
  const last = await ofModel
    .orderBy('seq')
    .offset(limit - 1)
    .limit(1)
    .executeTakeFirst()
  let query = trx.deleteFrom('aliases').where('model_id', '=', modelId)
  if (last) query = query.where('seq', '<=', last.seq)
  return (await query.returning('seq').execute()).length
}

function toAlias(row: Selectable<AliasesTable>): Alias {
  return {
    modelId: row.model_id,
    name: row.name,
    number: row.number,
    userId: row.user_id,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  }
}
