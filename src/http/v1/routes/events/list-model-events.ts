import { listModelEvents } from '../../../../registry/events/list-model-events.ts'
import { defineRoute } from '../../../route.ts'
import { EventBody, eventFilters, presentEvent } from '../../resources/event.ts'
import { Id, LongPageQuery, PageOf, presentPage } from '../../schema.ts'

export const listModelEventsRoute = defineRoute({
  id: 'listModelEvents',
  method: 'GET',
  path: '/models/{id}/events',
  permission: 'event.read',
  tag: 'Events',
  summary: 'List what happened to a model',
  description: 'Only for keys of the team that owns it.',
  params: Id,
  query: LongPageQuery(eventFilters),
  response: PageOf(EventBody),
  async handle({ registry, actor, params, query }) {
    const page = await listModelEvents(registry, actor, { ...query, modelId: params.id })
    return presentPage(page, presentEvent)
  },
})
