import type { Actor } from '../../domain/actor.ts'
import { type Project, requireProjectName } from '../../domain/project.ts'
import { updateProjectName } from '../../metadata/projects.ts'
import { recordEvent } from '../events/record-event.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'
import { getOwnProject } from './get-project.ts'

export async function renameProject(
  registry: Registry,
  actor: Actor,
  input: { projectId: string; name: string },
): Promise<Project> {
  requireRole(actor, 'writer')
  const name = requireProjectName(input.name)
  return await registry.db.transaction(async trx => {
    const project = await getOwnProject(trx, actor, input.projectId)
    const at = registry.clock.now()
    await updateProjectName(trx, project.id, name)
    await recordEvent(trx, actor, { kind: 'project.update', at, details: { projectId: project.id, name } })
    return { ...project, name }
  })
}
