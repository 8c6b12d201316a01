import type { Actor } from '../../domain/actor.ts'
import type { Event } from '../../domain/event.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import * as events from '../../metadata/events.ts'
import { getOwnModel } from '../models/get-model.ts'
import { pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'

/** What happened to a model, newest first. Only for its own team: the entries name users and keys. */
export async function listModelEvents(
  registry: Registry,
  actor: Actor,
  input: PageRequest & { modelId: string },
): Promise<Page<Event>> {
  const model = await getOwnModel(registry.db.read, actor, input.modelId)
  return await pageBySequence(input, slice => events.listModelEvents(registry.db.read, model.id, slice))
}
