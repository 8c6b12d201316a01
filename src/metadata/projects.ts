import type { Selectable } from 'kysely'
import type { Rows, Slice } from '../domain/paging.ts'
import type { Project } from '../domain/project.ts'
import type { Reader, Transaction } from './database.ts'
import type { ProjectsTable } from './schema.ts'
import { inSlice, toRows } from './slices.ts'

export async function findProject(db: Reader, id: string): Promise<Project | undefined> {
  const row = await selectProject(db, id).executeTakeFirst()
  return row && toProject(row)
}

/** The project's row, kept from being removed until the end of the transaction. */
export async function shareProject(trx: Transaction, id: string): Promise<Project | undefined> {
  const row = await selectProject(trx, id).forKeyShare().executeTakeFirst()
  return row && toProject(row)
}

/** The project's row, locked until the end of the transaction: for changes of it. Models may be put into it meanwhile. */
export async function lockProject(trx: Transaction, id: string): Promise<Project | undefined> {
  const row = await selectProject(trx, id).forNoKeyUpdate().executeTakeFirst()
  return row && toProject(row)
}

/** The project's row, locked until the end of the transaction: for its end. No model is put into it meanwhile. */
export async function lockProjectAlone(trx: Transaction, id: string): Promise<Project | undefined> {
  const row = await selectProject(trx, id).forUpdate().executeTakeFirst()
  return row && toProject(row)
}

function selectProject(db: Reader, id: string) {
  return db.selectFrom('projects').selectAll().where('id', '=', id).where('deleted_at', 'is', null)
}

export async function listProjects(db: Reader, teamId: string, slice: Slice<number>): Promise<Rows<Project, number>> {
  const projects = db.selectFrom('projects').selectAll().where('team_id', '=', teamId).where('deleted_at', 'is', null)
  return toRows(await inSlice(projects, 'seq', slice).execute(), slice.limit, toProject, row => row.seq)
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

/** From here on the project is not found any more; its models are taken out of it in the background. */
export async function markProjectDeleted(trx: Transaction, id: string, deletedAt: number): Promise<void> {
  await trx.updateTable('projects').set({ deleted_at: deletedAt }).where('id', '=', id).execute()
}

/** Takes up to `limit` models out of a project and answers how many there were. */
export async function removeSomeProjectModels(trx: Transaction, id: string, limit: number): Promise<number> {
  const models = await trx
    .selectFrom('models')
    .select('seq')
    .where('project_id', '=', id)
    .where('deleted_at', 'is', null)
    .orderBy('seq')
    .limit(limit)
    .execute()
  const positions = models.map(({ seq }) => seq)
  if (positions.length > 0) {
    await trx.updateTable('models').set({ project_id: null }).where('seq', 'in', positions).execute()
  }
  return positions.length
}

/** Removes the row for good. Models that were put into the project meanwhile leave it by the foreign key. */
export async function deleteProjectRow(trx: Transaction, id: string): Promise<void> {
  await trx.deleteFrom('projects').where('id', '=', id).execute()
}

function toProject(row: Selectable<ProjectsTable>): Project {
  return { id: row.id, teamId: row.team_id, name: row.name, createdAt: row.created_at }
}
