import { Type } from 'typebox'
import { listModels as list } from '../../../../registry/models/list-models.ts'
import { defineOperation } from '../../../operation.ts'
import { ModelBody, presentModel } from '../../resources/model.ts'
import { PageOf, PageQuery, presentPage } from '../../schema.ts'

export const listModels = defineOperation({
  id: 'listModels',
  method: 'GET',
  path: '/models',
  access: 'reader',
  tag: 'Models',
  summary: 'List models',
  description:
    'With `search` or `tag` a page may have fewer items than `limit`, even none, while `hasMore` is true: a request looks through a bounded number of models.',
  query: PageQuery({
    name: Type.Optional(Type.String({ description: 'Only models with exactly this name.' })),
    projectId: Type.Optional(Type.String({ description: 'Only models in this project.' })),
    search: Type.Optional(
      Type.String({ maxLength: 255, description: 'Only models with this in their name or description.' }),
    ),
    tag: Type.Optional(Type.String({ description: 'Only models with a version that has this tag.' })),
  }),
  response: PageOf(ModelBody),
  async handle({ registry, actor, query }) {
    const page = await list(registry, actor, query)
    return presentPage(page, presentModel)
  },
})
