import { listModelEvents as listEvents } from '../../metadata/events.ts'
import type { Actor } from '../actor.ts'
import { getOwnModel } from '../models/get-model.ts'
import { type Page, type PageRequest, pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'
import type { Event } from './event.ts'

/** What happened to a model, newest first. Only for its own team: the entries name users and keys. */
export async function listModelEvents(
  registry: Registry,
  actor: Actor,
  input: PageRequest & { modelId: string },
): Promise<Page<Event>> {
  const model = await getOwnModel(registry.db.read, actor, input.modelId)
  return await pageBySequence(input, slice => listEvents(registry.db.read, model.id, slice))
}
