import type { Selectable } from 'kysely'
import type { Rows, Slice } from '../domain/paging.ts'
import type { Project } from '../domain/project.ts'
import type { Queryable } from './database.ts'
import type { ProjectsTable } from './schema.ts'
import { inSlice, toRows } from './slices.ts'

export async function findProject(db: Queryable, id: string): Promise<Project | undefined> {
  const row = await db.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toProject(row)
}

export async function listProjects(
  db: Queryable,
  teamId: string,
  slice: Slice<number>,
): Promise<Rows<Project, number>> {
  const query = inSlice(db.selectFrom('projects').selectAll().where('team_id', '=', teamId), 'seq', slice)
  return toRows(await query.execute(), slice.limit, toProject, row => row.seq)
}

export async function insertProject(db: Queryable, project: Project): Promise<void> {
  await db
    .insertInto('projects')
    .values({ id: project.id, team_id: project.teamId, name: project.name, created_at: project.createdAt })
    .execute()
}

export async function updateProjectName(db: Queryable, id: string, name: string): Promise<void> {
  await db.updateTable('projects').set({ name }).where('id', '=', id).execute()
}

/** Its models stay; the foreign key sets their project to null. */
export async function deleteProjectRow(db: Queryable, id: string): Promise<void> {
  await db.deleteFrom('projects').where('id', '=', id).execute()
}

function toProject(row: Selectable<ProjectsTable>): Project {
  return { id: row.id, teamId: row.team_id, name: row.name, createdAt: row.created_at }
}
