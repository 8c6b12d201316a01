import { listAliases as listRows } from '../../metadata/aliases.ts'
import type { Actor } from '../actor.ts'
import { getModel } from '../models/get-model.ts'
import { type Page, type PageRequest, pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'
import type { Alias } from './alias.ts'

/** The aliases of a model, the newest made first. `latest` is not among them: it is computed. */
export async function listAliases(
  registry: Registry,
  actor: Actor,
  request: PageRequest & { modelId: string },
): Promise<Page<Alias>> {
  const model = await getModel(registry, actor, request.modelId)
  return await pageBySequence(request, slice => listRows(registry.db.read, model.id, slice))
}
