import type { Actor } from '../../domain/actor.ts'
import type { Project } from '../../domain/project.ts'
import { deleteProjectRow } from '../../metadata/projects.ts'
import { change } from '../change.ts'
import type { Registry } from '../registry.ts'
import { lockOwnProject } from './get-project.ts'

/** Deletes a project. Its models stay, without a project. Answers what was deleted, and when. */
export async function deleteProject(
  registry: Registry,
  actor: Actor,
  id: string,
): Promise<{ project: Project; deletedAt: number }> {
  return await change(registry, actor, 'project.delete', async ({ trx, at, record }) => {
    const project = await lockOwnProject(trx, actor, id)
    await deleteProjectRow(trx, project.id)
    record({
      kind: 'project.delete',
      subject: { kind: 'project', id: project.id },
      details: { name: project.name },
    })
    return { project, deletedAt: at }
  })
}
