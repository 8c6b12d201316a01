import type { Actor } from '../../domain/actor.ts'
import { type Project, requireProjectName } from '../../domain/project.ts'
import { updateProjectName } from '../../metadata/projects.ts'
import { change } from '../change.ts'
import type { Registry } from '../registry.ts'
import { lockOwnProject } from './get-project.ts'

export async function updateProject(
  registry: Registry,
  actor: Actor,
  input: { projectId: string; name: string },
): Promise<Project> {
  const name = requireProjectName(input.name)
  return await change(registry, actor, 'project.update', async ({ trx, record }) => {
    const project = await lockOwnProject(trx, actor, input.projectId)
    await updateProjectName(trx, project.id, name)
    record({ kind: 'project.update', subject: { kind: 'project', id: project.id }, details: { name } })
    return { ...project, name }
  })
}
