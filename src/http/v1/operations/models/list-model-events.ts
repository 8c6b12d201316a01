import { listModelEvents as list } from '../../../../registry/events/list-model-events.ts'
import { defineOperation } from '../../../operation.ts'
import { EventBody, presentEvent } from '../../resources/event.ts'
import { Id, PageOf, PageQuery, presentPage } from '../../schema.ts'

export const listModelEvents = defineOperation({
  id: 'listModelEvents',
  method: 'GET',
  path: '/models/{id}/events',
  access: 'reader',
  tag: 'Models',
  summary: 'List what happened to a model',
  description: 'Only for keys of the team that owns it.',
  params: Id,
  query: PageQuery({}),
  response: PageOf(EventBody),
  async handle({ registry, actor, params, query }) {
    const page = await list(registry, actor, { ...query, modelId: params.id })
    return presentPage(page, presentEvent)
  },
})
