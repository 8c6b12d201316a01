import type { Actor } from '../../domain/actor.ts'
import type { Project } from '../../domain/project.ts'
import { deleteProjectRow } from '../../metadata/projects.ts'
import { recordEvent } from '../events/record-event.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'
import { getOwnProject } from './get-project.ts'

/** Deletes a project. Its models stay, without a project. Answers what was deleted, and when. */
export async function deleteProject(
  registry: Registry,
  actor: Actor,
  id: string,
): Promise<{ project: Project; deletedAt: number }> {
  requireRole(actor, 'writer')
  return await registry.db.transaction(async trx => {
    const project = await getOwnProject(trx, actor, id)
    const deletedAt = registry.clock.now()
    await deleteProjectRow(trx, project.id)
    const details = { projectId: project.id, name: project.name }
    await recordEvent(trx, actor, { kind: 'project.delete', at: deletedAt, details })
    return { project, deletedAt }
  })
}
