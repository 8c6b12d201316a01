import type { Actor } from '../../domain/actor.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import { requirePermission } from '../../domain/permissions.ts'
import type { Project } from '../../domain/project.ts'
import * as projects from '../../metadata/projects.ts'
import { pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'

export async function listProjects(registry: Registry, actor: Actor, request: PageRequest): Promise<Page<Project>> {
  const { teamId } = requirePermission(actor, 'project.read')
  return await pageBySequence(registry, {
    scope: ['projects', teamId],
    request,
    query: slice => projects.listProjects(registry.db.read, teamId, slice),
  })
}
