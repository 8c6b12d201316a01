import type { Selectable } from 'kysely'
import type { Rows, Slice } from '../domain/paging.ts'
import type { User } from '../domain/user.ts'
import type { Reader, Transaction } from './database.ts'
import type { UsersTable } from './schema.ts'
import { inSlice, toRows } from './slices.ts'

export async function findUser(db: Reader, id: string): Promise<User | undefined> {
  const row = await db
    .selectFrom('users')
    .selectAll()
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return row && toUser(row)
}

/** The user's row, kept from being deleted until the end of the transaction. */
export async function shareUser(trx: Transaction, id: string): Promise<User | undefined> {
  const row = await selectUser(trx, id).forShare().executeTakeFirst()
  return row && toUser(row)
}

/** The team's first user that is left, kept from being deleted until the end of the transaction. */
export async function shareFirstUser(trx: Transaction, teamId: string): Promise<User | undefined> {
  const row = await trx
    .selectFrom('users')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('deleted_at', 'is', null)
    .orderBy('seq')
    .limit(1)
    .forShare()
    .executeTakeFirst()
  return row && toUser(row)
}

/** The user's row, locked until the end of the transaction. */
export async function lockUser(trx: Transaction, id: string): Promise<User | undefined> {
  const row = await selectUser(trx, id).forNoKeyUpdate().executeTakeFirst()
  return row && toUser(row)
}

function selectUser(trx: Transaction, id: string) {
  return trx.selectFrom('users').selectAll().where('id', '=', id).where('deleted_at', 'is', null)
}

export async function listUsers(db: Reader, teamId: string, slice: Slice<number>): Promise<Rows<User, number>> {
  const query = inSlice(
    db.selectFrom('users').selectAll().where('team_id', '=', teamId).where('deleted_at', 'is', null),
    'seq',
    slice,
  )
  return toRows(await query.execute(), slice.limit, toUser, row => row.seq)
}

export async function insertUser(trx: Transaction, user: User): Promise<void> {
  await trx
    .insertInto('users')
    .values({ id: user.id, team_id: user.teamId, name: user.name, email: user.email, created_at: user.createdAt })
    .execute()
}

/** The row stays, since versions, aliases and events name their user. */
export async function markUserDeleted(trx: Transaction, id: string, deletedAt: number): Promise<void> {
  await trx.updateTable('users').set({ deleted_at: deletedAt }).where('id', '=', id).execute()
}

function toUser(row: Selectable<UsersTable>): User {
  return { id: row.id, teamId: row.team_id, name: row.name, email: row.email, createdAt: row.created_at }
}
