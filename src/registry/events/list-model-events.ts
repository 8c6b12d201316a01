import type { Actor } from '../../domain/actor.ts'
import type { Event } from '../../domain/event.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import { requirePermission } from '../../domain/permissions.ts'
import * as events from '../../metadata/events.ts'
import { getOwnModel } from '../models/get-model.ts'
import { pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'

/** What happened to a model, newest first unless asked otherwise. Only for its own team: the entries name users and keys. */
export async function listModelEvents(
  registry: Registry,
  actor: Actor,
  input: PageRequest & events.EventFilter & { modelId: string },
): Promise<Page<Event>> {
  const model = await getOwnModel(registry.db.read, requirePermission(actor, 'event.read'), input.modelId)
  const { kind, userId, version, alias } = input
  return await pageBySequence(registry, {
    scope: ['model-events', model.id, kind, userId, version, alias],
    request: input,
    query: slice =>
      events.listModelEvents(registry.db.read, { modelId: model.id, kind, userId, version, alias }, slice),
  })
}
