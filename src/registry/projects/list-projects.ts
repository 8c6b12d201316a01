import { listProjects as listRows } from '../../metadata/projects.ts'
import type { Actor } from '../actor.ts'
import { type Page, type PageRequest, pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'
import type { Project } from './project.ts'

export async function listProjects(registry: Registry, actor: Actor, request: PageRequest): Promise<Page<Project>> {
  return await pageBySequence(request, slice => listRows(registry.db.read, actor.teamId, slice))
}
