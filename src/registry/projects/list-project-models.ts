import type { Actor } from '../../domain/actor.ts'
import type { Model } from '../../domain/model.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import { listModels } from '../models/list-models.ts'
import type { Registry } from '../registry.ts'
import { getProject } from './get-project.ts'

/** The models of one project. Throws `not_found` when the project is not one of the team's. */
export async function listProjectModels(
  registry: Registry,
  actor: Actor,
  request: PageRequest & { projectId: string; name?: string | undefined },
): Promise<Page<Model>> {
  await getProject(registry, actor, request.projectId)
  return await listModels(registry, actor, request)
}
