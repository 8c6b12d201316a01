import type { Actor } from '../../domain/actor.ts'
import type { Event } from '../../domain/event.ts'
import type { Page, PageRequest } from '../../domain/paging.ts'
import { requirePermission } from '../../domain/permissions.ts'
import * as events from '../../metadata/events.ts'
import { pageBySequence } from '../paging.ts'
import type { Registry } from '../registry.ts'

/**
 * What happened in the actor's team, newest first unless asked otherwise; also to what has been deleted since. A reader that remembers the
 * last cursor of an ascending walk misses nothing: events come out in the order of the commits.
 */
export async function listTeamEvents(
  registry: Registry,
  actor: Actor,
  input: PageRequest & events.EventFilter & { modelId?: string | undefined },
): Promise<Page<Event>> {
  const { teamId } = requirePermission(actor, 'event.read')
  const { modelId, kind, userId, version, alias } = input
  return await pageBySequence(registry, {
    scope: ['team-events', teamId, modelId, kind, userId, version, alias],
    request: input,
    query: slice => events.listTeamEvents(registry.db.read, { teamId, modelId, kind, userId, version, alias }, slice),
  })
}
