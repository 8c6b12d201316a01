import type { Actor } from '../../domain/actor.ts'
import type { Model } from '../../domain/model.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import * as models from '../../metadata/models.ts'
import { pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'

export interface ModelListRequest extends PageRequest {
  projectId?: string | undefined
  /** The whole name. */
  name?: string | undefined
  /** A part of the name or the description, whatever its case. */
  search?: string | undefined
  /** A tag of one of its versions. */
  tag?: string | undefined
}

/** The models of the actor's team, newest first unless asked otherwise. Another team's project simply has no models here. */
export async function listModels(registry: Registry, actor: Actor, request: ModelListRequest): Promise<Page<Model>> {
  const { projectId, name, search, tag } = request
  const filter = { teamId: actor.teamId, projectId, name, search, tag }
  return await pageBySequence(request, slice => models.listModels(registry.db.read, filter, slice))
}
