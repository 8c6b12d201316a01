import { Type } from 'typebox'
import { listModels } from '../../../../registry/models/list-models.ts'
import { defineRoute } from '../../../route.ts'
import { ModelBody, presentModel } from '../../resources/model.ts'
import { PageOf, PageQuery, presentPage } from '../../schema.ts'

export const listModelsRoute = defineRoute({
  id: 'listModels',
  method: 'GET',
  path: '/models',
  permission: 'model.list',
  tag: 'Models',
  summary: 'List models',
  description:
    'With `search` or `tag` a page may have fewer items than `limit`, even none, while `hasMore` is true: a request looks through a bounded number of models.',
  query: PageQuery({
    name: Type.Optional(Type.String({ description: 'Only models with exactly this name.' })),
    ownsName: Type.Optional(
      Type.Boolean({
        description: 'With `name`: only the model that the name belongs to, which is the one that took it first.',
      }),
    ),
    projectId: Type.Optional(Type.String({ description: 'Only models in this project.' })),
    search: Type.Optional(
      Type.String({ maxLength: 255, description: 'Only models with this in their name or description.' }),
    ),
    tag: Type.Optional(Type.String({ description: 'Only models with a version that has this tag.' })),
  }),
  response: PageOf(ModelBody),
  async handle({ registry, actor, query }) {
    const page = await listModels(registry, actor, query)
    return presentPage(page, presentModel)
  },
})
