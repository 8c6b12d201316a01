import type { Selectable } from 'kysely'
import type { Role } from '../domain/actor.ts'
import type { ApiKey } from '../domain/api-key.ts'
import type { Rows, Slice } from '../domain/paging.ts'
import type { Reader, Transaction } from './database.ts'
import { dialectOf } from './dialect.ts'
import { prepare } from './prepared.ts'
import type { ApiKeysTable } from './schema.ts'
import { inSlice, toRows } from './slices.ts'

const findRow = prepare((db, args: { id: string }) => db.selectFrom('api_keys').selectAll().where('id', '=', args.id))

/** The key with the hash of its secret, revoked and expired ones too: the caller decides what that means. */
export async function findApiKey(db: Reader, id: string): Promise<(ApiKey & { secretSha256: string }) | undefined> {
  const [row] = await findRow(db, { id })
  return row && { ...toApiKey(row), secretSha256: row.secret_sha256 }
}

/** The key, kept from being revoked until the end of the transaction. */
export async function shareApiKey(trx: Transaction, id: string): Promise<ApiKey | undefined> {
  // Sent together: the second runs after the first has what it waits for.
  const [, [row]] = await Promise.all([dialectOf(trx).lockName(trx, id, 'shared'), findRow(trx, { id })])
  return row && toApiKey(row)
}

/** All keys that have not been revoked; expired ones are shown, so that their owner sees why a job failed. */
export async function listApiKeys(db: Reader, teamId: string, slice: Slice<number>): Promise<Rows<ApiKey, number>> {
  const query = inSlice(
    db.selectFrom('api_keys').selectAll().where('team_id', '=', teamId).where('revoked_at', 'is', null),
    'seq',
    slice,
  )
  return toRows(await query.execute(), slice.limit, toApiKey, row => row.seq)
}

export async function insertApiKey(trx: Transaction, key: ApiKey, secretSha256: string): Promise<void> {
  await trx
    .insertInto('api_keys')
    .values({
      id: key.id,
      team_id: key.teamId,
      user_id: key.userId,
      name: key.name,
      role: key.role,
      secret_sha256: secretSha256,
      is_instance_admin: key.isInstanceAdmin ? 1 : 0,
      created_at: key.createdAt,
      expires_at: key.expiresAt,
    })
    .execute()
}

/** Waits for the changes that are being made with the key. */
export async function markApiKeyRevoked(trx: Transaction, id: string, revokedAt: number): Promise<void> {
  await dialectOf(trx).lockName(trx, id, 'alone')
  await trx.updateTable('api_keys').set({ revoked_at: revokedAt }).where('id', '=', id).execute()
}

/** Waits for the changes that are being made with the keys. The user must be locked, so that no key is added. */
export async function revokeApiKeysOfUser(trx: Transaction, userId: string, revokedAt: number): Promise<void> {
  const keys = await trx
    .selectFrom('api_keys')
    .select('id')
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .orderBy('id')
    .execute()
  for (const { id } of keys) await dialectOf(trx).lockName(trx, id, 'alone')
  await trx
    .updateTable('api_keys')
    .set({ revoked_at: revokedAt })
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .execute()
}

export async function touchApiKey(trx: Transaction, id: string, usedAt: number): Promise<void> {
  await trx.updateTable('api_keys').set({ last_used_at: usedAt }).where('id', '=', id).execute()
}

/** The admin keys of a team, by what they are good for. */
export interface AdminKeys {
  /** Work now. */
  working: number
  /** Work now and have no end: only these will work tomorrow. */
  lasting: number
  /** Work now and may manage the installation. */
  instance: number
  /** The same without an end. */
  lastingInstance: number
}

export async function countAdminKeys(db: Reader, teamId: string, at: number): Promise<AdminKeys> {
  const row = await db
    .selectFrom('api_keys')
    .select(({ fn }) => [
      fn.countAll<number>().as('working'),
      fn.countAll<number>().filterWhere('expires_at', 'is', null).as('lasting'),
      fn.countAll<number>().filterWhere('is_instance_admin', '=', 1).as('instance'),
      fn
        .countAll<number>()
        .filterWhere('is_instance_admin', '=', 1)
        .filterWhere('expires_at', 'is', null)
        .as('lastingInstance'),
    ])
    .where('team_id', '=', teamId)
    .where('role', '=', 'admin')
    .where('revoked_at', 'is', null)
    .where(eb => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', at)]))
    .executeTakeFirstOrThrow()
  return {
    working: Number(row.working),
    lasting: Number(row.lasting),
    instance: Number(row.instance),
    lastingInstance: Number(row.lastingInstance),
  }
}

function toApiKey(row: Selectable<ApiKeysTable>): ApiKey {
  return {
    id: row.id,
    teamId: row.team_id,
    userId: row.user_id,
    name: row.name,
    role: row.role as Role,
    isInstanceAdmin: row.is_instance_admin === 1,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  }
}
