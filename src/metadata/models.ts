import type { Selectable } from 'kysely'
import type { Model } from '../domain/model.ts'
import { foldText } from '../domain/text.ts'
import type { Reader, Transaction } from './database.ts'
import { dialectOf } from './dialect.ts'
import { prepare } from './prepared.ts'
import type { ModelsTable } from './schema.ts'

const findRow = prepare((db, args: { id: string }) =>
  db.selectFrom('models').selectAll().where('id', '=', args.id).where('deleted_at', 'is', null),
)

export async function findModel(db: Reader, id: string): Promise<Model | undefined> {
  const [row] = await findRow(db, { id })
  return row && toModel(row)
}

/**
 * The model's row, locked until the end of the transaction: for changes of the model, its versions with their files, and its aliases. Not shared among
 * those that change files: PostgreSQL lets sharers pass those that wait for the whole lock, so a long push would keep everyone else waiting.
 */
export async function lockModel(trx: Transaction, id: string): Promise<Model | undefined> {
  const row = await trx
    .selectFrom('models')
    .selectAll()
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row && toModel(row)
}

const insertRow = prepare((trx: Transaction, model: ReturnType<typeof toRow> & { ownedName: string | null }) =>
  trx
    .insertInto('models')
    .values({
      id: model.id,
      team_id: model.teamId,
      name: model.name,
      description: model.description,
      is_public: model.isPublic,
      project_id: model.projectId,
      storage_provider_id: model.storageProviderId,
      created_at: model.createdAt,
      modified_at: model.modifiedAt,
      last_version: 0,
      owned_name: model.ownedName,
      search_text: model.searchText,
    })
    .onConflict(conflict => conflict.doNothing())
    .returning('id'),
)

/** Adds a model. The name becomes its own unless it belongs to another: then the answer is false, and the model is added as a namesake. */
export async function insertModel(trx: Transaction, model: Model): Promise<boolean> {
  const row = toRow(model)
  const [owner] = await insertRow(trx, { ...row, ownedName: model.name })
  if (!owner) await insertRow(trx, { ...row, ownedName: null })
  await dialectOf(trx).indexModel(trx, { id: model.id, searchText: row.searchText })
  return owner !== undefined
}

/** The model that a name belongs to. */
export async function findNameOwner(db: Reader, teamId: string, name: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('models')
    .select('id')
    .where('team_id', '=', teamId)
    .where('owned_name', '=', name)
    .executeTakeFirst()
  return row?.id
}

/**
 * Makes a model's name its own, unless it belongs to another. Answers the other one.
 * Two that claim a free name at the same moment meet at the unique index: then the database runs one of them again.
 */
export async function claimName(trx: Transaction, { id, teamId, name }: Model): Promise<string | undefined> {
  const owner = await findNameOwner(trx, teamId, name)
  const isTaken = owner !== undefined && owner !== id
  await trx
    .updateTable('models')
    .set({ owned_name: isTaken ? null : name })
    .where('id', '=', id)
    .execute()
  return isTaken ? owner : undefined
}

/** Writes the fields that an update may change. */
export async function updateModel(trx: Transaction, model: Model): Promise<void> {
  const { searchText } = toRow(model)
  await trx
    .updateTable('models')
    .set({
      name: model.name,
      description: model.description,
      is_public: model.isPublic ? 1 : 0,
      project_id: model.projectId,
      modified_at: model.modifiedAt,
      search_text: searchText,
    })
    .where('id', '=', model.id)
    .execute()
  await dialectOf(trx).indexModel(trx, { id: model.id, searchText })
}

/** Frees its name, too. */
export async function markModelDeleted(trx: Transaction, id: string, deletedAt: number): Promise<void> {
  await dialectOf(trx).unindexModel(trx, id)
  await trx
    .updateTable('models')
    .set({ deleted_at: deletedAt, project_id: null, owned_name: null })
    .where('id', '=', id)
    .execute()
}

/** Removes the row for good. Its versions and tags must be gone. */
export async function deleteModelRow(trx: Transaction, id: string): Promise<void> {
  await trx.deleteFrom('models').where('id', '=', id).where('deleted_at', 'is not', null).execute()
}

/** Counts up and answers the model's next version number. The counter never goes back, so a number is never given out twice. */
export async function takeVersionNumber(trx: Transaction, modelId: string): Promise<number> {
  const row = await trx
    .updateTable('models')
    .set(eb => ({ last_version: eb('last_version', '+', 1) }))
    .where('id', '=', modelId)
    .returning('last_version')
    .executeTakeFirstOrThrow()
  return row.last_version
}

function toRow(model: Model) {
  const searchText = foldText(`${model.name}\n${model.description ?? ''}`)
  return { ...model, isPublic: model.isPublic ? 1 : 0, searchText }
}

export function toModel(row: Selectable<ModelsTable>): Model {
  return {
    id: row.id,
    teamId: row.team_id,
    name: row.name,
    description: row.description,
    isPublic: row.is_public === 1,
    projectId: row.project_id,
    storageProviderId: row.storage_provider_id,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  }
}
