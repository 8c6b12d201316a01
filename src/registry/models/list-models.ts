import type { Actor } from '../../domain/actor.ts'
import type { Model } from '../../domain/model.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import { requirePermission } from '../../domain/permissions.ts'
import { foldText } from '../../domain/text.ts'
import * as modelLists from '../../metadata/model-lists.ts'
import { pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'

export interface ModelListRequest extends PageRequest {
  projectId?: string | undefined
  /** The whole name. */
  name?: string | undefined
  /** Only the model that the name belongs to. */
  ownsName?: boolean | undefined
  /** A part of the name or the description, under one fold: case and normal form make no difference. */
  search?: string | undefined
  /** A tag of one of its versions. */
  tag?: string | undefined
}

/** The models of the actor's team, newest first unless asked otherwise. Another team's project simply has no models here. */
export async function listModels(registry: Registry, actor: Actor, request: ModelListRequest): Promise<Page<Model>> {
  const { teamId } = requirePermission(actor, 'model.list')
  const { projectId, ownsName } = request
  const name = request.name?.normalize('NFC')
  const tag = request.tag?.normalize('NFC')
  // An empty part is in every text.
  const search = request.search === undefined || request.search === '' ? undefined : foldText(request.search)
  const filter = { teamId, projectId, name, ownsName, search, tag }
  return await pageBySequence(registry, {
    scope: ['models', teamId, projectId, name, ownsName, search, tag],
    request,
    query: slice => modelLists.listModels(registry.db.read, filter, slice),
  })
}
