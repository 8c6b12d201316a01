import type { Selectable } from 'kysely'
import type { Rows, Slice } from '../domain/paging.ts'
import type { Project } from '../domain/project.ts'
import type { Reader, Transaction } from './database.ts'
import type { ProjectsTable } from './schema.ts'
import { inSlice, toRows } from './slices.ts'

export async function findProject(db: Reader, id: string): Promise<Project | undefined> {
  const row = await db.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toProject(row)
}

/** The project's row, kept from being deleted until the end of the transaction. */
export async function shareProject(trx: Transaction, id: string): Promise<Project | undefined> {
  const row = await trx.selectFrom('projects').selectAll().where('id', '=', id).forKeyShare().executeTakeFirst()
  return row && toProject(row)
}

/** The project's row, locked until the end of the transaction: for changes of it. Models may be put into it meanwhile. */
export async function lockProject(trx: Transaction, id: string): Promise<Project | undefined> {
  const row = await trx.selectFrom('projects').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst()
  return row && toProject(row)
}

export async function listProjects(db: Reader, teamId: string, slice: Slice<number>): Promise<Rows<Project, number>> {
  const query = inSlice(db.selectFrom('projects').selectAll().where('team_id', '=', teamId), 'seq', slice)
  return toRows(await query.execute(), slice.limit, toProject, row => row.seq)
}

export async function insertProject(trx: Transaction, project: Project): Promise<void> {
  await trx
    .insertInto('projects')
    .values({ id: project.id, team_id: project.teamId, name: project.name, created_at: project.createdAt })
    .execute()
}

export async function updateProjectName(trx: Transaction, id: string, name: string): Promise<void> {
  await trx.updateTable('projects').set({ name }).where('id', '=', id).execute()
}

/** Its models stay; the foreign key sets their project to null. */
export async function deleteProjectRow(trx: Transaction, id: string): Promise<void> {
  await trx.deleteFrom('projects').where('id', '=', id).execute()
}

function toProject(row: Selectable<ProjectsTable>): Project {
  return { id: row.id, teamId: row.team_id, name: row.name, createdAt: row.created_at }
}
