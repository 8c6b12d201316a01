import type { Actor } from '../../domain/actor.ts'
import { newId } from '../../domain/ids.ts'
import { type Project, requireProjectName } from '../../domain/project.ts'
import { insertProject } from '../../metadata/projects.ts'
import { change } from '../change.ts'
import type { Registry } from '../registry.ts'

export async function createProject(registry: Registry, actor: Actor, input: { name: string }): Promise<Project> {
  const name = requireProjectName(input.name)
  return await change(registry, actor, 'project.create', async ({ trx, actor: { teamId }, at, record }) => {
    const project: Project = { id: newId('project'), teamId, name, createdAt: at }
    await insertProject(trx, project)
    record({ kind: 'project.create', subject: { kind: 'project', id: project.id }, details: { name } })
    return project
  })
}
