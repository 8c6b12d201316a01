import type { Actor } from '../../domain/actor.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import { isOwnTeam } from '../../domain/permissions.ts'
import type { Version } from '../../domain/version.ts'
import * as versions from '../../metadata/versions.ts'
import { getModel } from '../models/get-model.ts'
import { pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'

export interface VersionListRequest extends PageRequest {
  modelId: string
  tag?: string | undefined
}

/** The versions of a model, newest first unless asked otherwise. Another team sees only what was committed. */
export async function listVersions(
  registry: Registry,
  actor: Actor,
  request: VersionListRequest,
): Promise<Page<Version>> {
  const model = await getModel(registry, actor, request.modelId)
  const tag = request.tag?.normalize('NFC')
  const committedOnly = !isOwnTeam(actor, model.teamId)
  return await pageBySequence(registry, {
    scope: ['versions', model.id, committedOnly, tag],
    request,
    query: slice => versions.listVersions(registry.db.read, { modelId: model.id, committedOnly, tag }, slice),
  })
}
