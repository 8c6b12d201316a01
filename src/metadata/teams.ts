import type { Selectable } from 'kysely'
import type { Rows, Slice } from '../domain/paging.ts'
import type { Team } from '../domain/team.ts'
import type { Reader, Transaction } from './database.ts'
import type { TeamsTable } from './schema.ts'
import { inSlice, toRows } from './slices.ts'

export async function getTeam(db: Reader, id: string): Promise<Team> {
  return toTeam(await db.selectFrom('teams').selectAll().where('id', '=', id).executeTakeFirstOrThrow())
}

export async function findTeam(db: Reader, by: { id: string } | { namespace: string }): Promise<Team | undefined> {
  const [column, value] = 'id' in by ? (['id', by.id] as const) : (['namespace', by.namespace] as const)
  const row = await db.selectFrom('teams').selectAll().where(column, '=', value).executeTakeFirst()
  return row && toTeam(row)
}

/** The team that was made with the installation: the one that has the instance-admin keys. */
export async function findFirstTeam(db: Reader): Promise<Team | undefined> {
  const row = await db.selectFrom('teams').selectAll().orderBy('seq').limit(1).executeTakeFirst()
  return row && toTeam(row)
}

/** The team's row, locked until the end of the transaction: for rules about all keys of a team. */
export async function lockTeam(trx: Transaction, id: string): Promise<void> {
  await trx.selectFrom('teams').select('id').where('id', '=', id).forNoKeyUpdate().executeTakeFirstOrThrow()
}

export async function listTeams(db: Reader, slice: Slice<number>): Promise<Rows<Team, number>> {
  const query = inSlice(db.selectFrom('teams').selectAll(), 'seq', slice)
  return toRows(await query.execute(), slice.limit, toTeam, row => row.seq)
}

/** Answers false, and changes nothing, when the namespace is taken. */
export async function insertTeam(trx: Transaction, team: Team): Promise<boolean> {
  const row = await trx
    .insertInto('teams')
    .values({ id: team.id, namespace: team.namespace, created_at: team.createdAt })
    .onConflict(conflict => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

function toTeam(row: Selectable<TeamsTable>): Team {
  return { id: row.id, namespace: row.namespace, createdAt: row.created_at }
}
