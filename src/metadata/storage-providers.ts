import type { Selectable } from 'kysely'
import type { Rows, Slice } from '../domain/paging.ts'
import { type S3Settings, type StorageProvider, unknownStorageKind } from '../domain/storage-provider.ts'
import type { Reader, Transaction } from './database.ts'
import { prepare } from './prepared.ts'
import type { StorageProvidersTable } from './schema.ts'
import { inSlice, toRows } from './slices.ts'

const findRow = prepare((db, args: { id: string }) => selectProvider(db, args.id))

export async function findStorageProvider(db: Reader, id: string): Promise<StorageProvider | undefined> {
  const [row] = await findRow(db, { id })
  return row && toStorageProvider(row)
}

/** The provider's row, kept from being removed until the end of the transaction. */
export async function shareStorageProvider(trx: Transaction, id: string): Promise<StorageProvider | undefined> {
  const row = await selectProvider(trx, id).forKeyShare().executeTakeFirst()
  return row && toStorageProvider(row)
}

/** The provider's row, locked until the end of the transaction: for changes of it. Others may refer to it meanwhile. */
export async function lockStorageProvider(trx: Transaction, id: string): Promise<StorageProvider | undefined> {
  const row = await selectProvider(trx, id).forNoKeyUpdate().executeTakeFirst()
  return row && toStorageProvider(row)
}

/** The provider's row, locked until the end of the transaction: for its end. Nothing refers to it anew meanwhile. */
export async function lockStorageProviderAlone(trx: Transaction, id: string): Promise<StorageProvider | undefined> {
  const row = await selectProvider(trx, id).forUpdate().executeTakeFirst()
  return row && toStorageProvider(row)
}

function selectProvider(db: Reader, id: string) {
  return db.selectFrom('storage_providers').selectAll().where('id', '=', id)
}

export async function getDefaultStorageProvider(db: Reader, teamId: string): Promise<StorageProvider> {
  const row = await db
    .selectFrom('storage_providers')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('is_team_default', '=', 1)
    .executeTakeFirstOrThrow()
  return toStorageProvider(row)
}

export async function listStorageProviders(
  db: Reader,
  teamId: string,
  slice: Slice<number>,
): Promise<Rows<StorageProvider, number>> {
  const query = inSlice(db.selectFrom('storage_providers').selectAll().where('team_id', '=', teamId), 'seq', slice)
  return toRows(await query.execute(), slice.limit, toStorageProvider, row => row.seq)
}

/** Those of all teams that are no directory of the registry itself, oldest first. */
export async function listForeignProviders(db: Reader, slice: Slice<number>): Promise<Rows<StorageProvider, number>> {
  const query = inSlice(db.selectFrom('storage_providers').selectAll().where('kind', '!=', 'local'), 'seq', slice)
  return toRows(await query.execute(), slice.limit, toStorageProvider, row => row.seq)
}

export async function insertStorageProvider(trx: Transaction, provider: StorageProvider): Promise<void> {
  await trx
    .insertInto('storage_providers')
    .values({
      id: provider.id,
      team_id: provider.teamId,
      kind: provider.kind,
      created_at: provider.createdAt,
      ...changeableColumns(provider),
    })
    .execute()
}

export async function updateStorageProvider(trx: Transaction, provider: StorageProvider): Promise<void> {
  await trx.updateTable('storage_providers').set(changeableColumns(provider)).where('id', '=', provider.id).execute()
}

/** For the moment before another provider of the team becomes the default: there is never more than one. */
export async function clearDefaultStorageProvider(trx: Transaction, teamId: string): Promise<void> {
  await trx
    .updateTable('storage_providers')
    .set({ is_team_default: 0 })
    .where('team_id', '=', teamId)
    .where('is_team_default', '=', 1)
    .execute()
}

export async function deleteStorageProviderRow(trx: Transaction, id: string): Promise<void> {
  await trx.deleteFrom('storage_providers').where('id', '=', id).execute()
}

/** What refers to a provider: first what holds its bytes. Undefined when nothing does. */
export async function findProviderUse(
  db: Reader,
  id: string,
): Promise<'blobs' | 'uploads' | 'removals' | 'models' | undefined> {
  if (await isNamedIn(db, 'blobs', id)) return 'blobs'
  if (await isNamedIn(db, 'uploads', id)) return 'uploads'
  const removal = db.selectFrom('jobs').select('seq').where('kind', '=', 'delete-bytes')
  if (await removal.where('payload', 'like', `%"${id}"%`).limit(1).executeTakeFirst()) return 'removals'
  return (await isNamedIn(db, 'models', id)) ? 'models' : undefined
}

async function isNamedIn(db: Reader, table: 'blobs' | 'uploads' | 'models', id: string): Promise<boolean> {
  const row = await db.selectFrom(table).select('id').where('storage_provider_id', '=', id).limit(1).executeTakeFirst()
  return row !== undefined
}

function changeableColumns(provider: StorageProvider) {
  return {
    name: provider.name,
    is_team_default: provider.isTeamDefault ? 1 : 0,
    settings: provider.kind === 's3' ? JSON.stringify(provider.settings) : null,
    sealed_secret: provider.kind === 's3' ? provider.sealedSecret : null,
  }
}

/** Throws for a kind that this release doesn't know. */
function toStorageProvider(row: Selectable<StorageProvidersTable>): StorageProvider {
  const common = {
    id: row.id,
    teamId: row.team_id,
    name: row.name,
    isTeamDefault: row.is_team_default === 1,
    createdAt: row.created_at,
  }
  if (row.kind === 'local') return { ...common, kind: 'local' }
  if (row.kind !== 's3' || row.settings === null) throw unknownStorageKind(row)
  const settings: S3Settings = JSON.parse(row.settings)
  return { ...common, kind: 's3', settings, sealedSecret: row.sealed_secret }
}
