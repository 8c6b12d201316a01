import type { Actor } from '../../domain/actor.ts'
import { newId } from '../../domain/ids.ts'
import { type Project, requireProjectName } from '../../domain/project.ts'
import { insertProject } from '../../metadata/projects.ts'
import { recordEvent } from '../events/record-event.ts'
import { requireRole } from '../policies.ts'
import type { Registry } from '../registry.ts'

export async function createProject(registry: Registry, actor: Actor, input: { name: string }): Promise<Project> {
  requireRole(actor, 'writer')
  const name = requireProjectName(input.name)
  return await registry.db.transaction(async trx => {
    const at = registry.clock.now()
    const project: Project = { id: newId('project'), teamId: actor.teamId, name, createdAt: at }
    await insertProject(trx, project)
    await recordEvent(trx, actor, { kind: 'project.create', at, details: { projectId: project.id, name } })
    return project
  })
}
