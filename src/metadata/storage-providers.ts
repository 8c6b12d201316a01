import type { Selectable } from 'kysely'
import type { Rows, Slice } from '../domain/paging.ts'
import { type StorageProvider, unknownStorageKind } from '../domain/storage-provider.ts'
import type { Reader, Transaction } from './database.ts'
import { prepare } from './prepared.ts'
import type { StorageProvidersTable } from './schema.ts'
import { inSlice, toRows } from './slices.ts'

const findRow = prepare((db, args: { id: string }) =>
  db.selectFrom('storage_providers').selectAll().where('id', '=', args.id),
)

export async function findStorageProvider(db: Reader, id: string): Promise<StorageProvider | undefined> {
  const [row] = await findRow(db, { id })
  return row && toStorageProvider(row)
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

export async function insertStorageProvider(trx: Transaction, provider: StorageProvider): Promise<void> {
  await trx
    .insertInto('storage_providers')
    .values({
      id: provider.id,
      team_id: provider.teamId,
      name: provider.name,
      kind: provider.kind,
      is_team_default: provider.isTeamDefault ? 1 : 0,
      created_at: provider.createdAt,
    })
    .execute()
}

/** Throws for a kind that this release doesn't know. */
function toStorageProvider(row: Selectable<StorageProvidersTable>): StorageProvider {
  const { kind } = row
  if (kind !== 'local') throw unknownStorageKind(row)
  return {
    id: row.id,
    teamId: row.team_id,
    name: row.name,
    kind,
    isTeamDefault: row.is_team_default === 1,
    createdAt: row.created_at,
  }
}
