import { getModel } from '../../../../registry/models/get-model.ts'
import { defineRoute } from '../../../route.ts'
import { ModelBody, presentModel } from '../../resources/model.ts'
import { Id } from '../../schema.ts'

export const getModelRoute = defineRoute({
  id: 'getModel',
  method: 'GET',
  path: '/models/{id}',
  permission: 'model.read',
  tag: 'Models',
  summary: 'Get a model',
  params: Id,
  response: ModelBody,
  async handle({ registry, actor, params }) {
    const model = await getModel(registry, actor, params.id)
    return presentModel(model)
  },
})
