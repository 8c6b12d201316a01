import type { Selectable } from 'kysely'
import type { Rows, Slice } from '../domain/paging.ts'
import type { Team } from '../domain/team.ts'
import type { Queryable } from './database.ts'
import type { TeamsTable } from './schema.ts'
import { inSlice, toRows } from './slices.ts'

export async function getTeam(db: Queryable, id: string): Promise<Team> {
  return toTeam(await db.selectFrom('teams').selectAll().where('id', '=', id).executeTakeFirstOrThrow())
}

export async function hasTeams(db: Queryable): Promise<boolean> {
  return (await db.selectFrom('teams').select('id').limit(1).executeTakeFirst()) !== undefined
}

export async function listTeams(db: Queryable, slice: Slice<number>): Promise<Rows<Team, number>> {
  const query = inSlice(db.selectFrom('teams').selectAll(), 'seq', slice)
  return toRows(await query.execute(), slice.limit, toTeam, row => row.seq)
}

/** Throws a unique violation when the namespace is taken. */
export async function insertTeam(db: Queryable, team: Team): Promise<void> {
  await db.insertInto('teams').values({ id: team.id, namespace: team.namespace, created_at: team.createdAt }).execute()
}

function toTeam(row: Selectable<TeamsTable>): Team {
  return { id: row.id, namespace: row.namespace, createdAt: row.created_at }
}
