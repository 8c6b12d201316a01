import { Type } from 'typebox'
import { listTeamEvents } from '../../../../registry/events/list-team-events.ts'
import { defineRoute } from '../../../route.ts'
import { EventBody, eventFilters, presentEvent } from '../../resources/event.ts'
import { LongPageQuery, PageOf, presentPage } from '../../schema.ts'

export const listTeamEventsRoute = defineRoute({
  id: 'listTeamEvents',
  method: 'GET',
  path: '/events',
  permission: 'event.read',
  tag: 'Events',
  summary: 'List what happened in the team',
  description: 'Also to models, users and keys that are gone.',
  query: LongPageQuery({
    ...eventFilters,
    modelId: Type.Optional(Type.String({ description: 'Only events of this model.' })),
  }),
  response: PageOf(EventBody),
  async handle({ registry, actor, query }) {
    const page = await listTeamEvents(registry, actor, query)
    return presentPage(page, presentEvent)
  },
})
