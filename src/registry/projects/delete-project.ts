import type { Actor } from '../../domain/actor.ts'
import type { Project } from '../../domain/project.ts'
import { deleteProjectRow, markProjectDeleted, removeSomeProjectModels } from '../../metadata/projects.ts'
import { change } from '../change.ts'
import type { Registry } from '../registry.ts'
import { lockOwnProjectAlone } from './get-project.ts'

/** Models that leave the project with the answer; where there are more, a job takes out the rest. */
const AT_ONCE = 300

/** Deletes a project. Its models stay, without a project. Answers what was deleted, and when. */
export async function deleteProject(
  registry: Registry,
  actor: Actor,
  id: string,
): Promise<{ project: Project; deletedAt: number }> {
  return await change(registry, actor, 'project.delete', async ({ trx, at, record, queue }) => {
    const project = await lockOwnProjectAlone(trx, actor, id)
    if ((await removeSomeProjectModels(trx, project.id, AT_ONCE)) < AT_ONCE) {
      await deleteProjectRow(trx, project.id)
    } else {
      await markProjectDeleted(trx, project.id, at)
      queue({ kind: 'reclaim-project', key: project.id, payload: { projectId: project.id } })
    }
    record({
      kind: 'project.delete',
      subject: { kind: 'project', id: project.id },
      details: { name: project.name },
    })
    return { project, deletedAt: at }
  })
}
