import type { Actor } from '../../domain/actor.ts'
import type { Alias } from '../../domain/alias.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import * as aliases from '../../metadata/aliases.ts'
import { getModel } from '../models/get-model.ts'
import { pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'

/** The aliases of a model, the newest made first. `latest` is not among them: it is computed. */
export async function listAliases(
  registry: Registry,
  actor: Actor,
  request: PageRequest & { modelId: string },
): Promise<Page<Alias>> {
  const model = await getModel(registry, actor, request.modelId)
  return await pageBySequence(registry, {
    scope: ['aliases', model.id],
    request,
    query: slice => aliases.listAliases(registry.db.read, model.id, slice),
  })
}
