import { getModel as get } from '../../../../registry/models/get-model.ts'
import { defineOperation } from '../../../operation.ts'
import { ModelBody, presentModel } from '../../resources/model.ts'
import { Id } from '../../schema.ts'

export const getModel = defineOperation({
  id: 'getModel',
  method: 'GET',
  path: '/models/{id}',
  access: 'reader',
  tag: 'Models',
  summary: 'Get a model',
  params: Id,
  response: ModelBody,
  async handle({ registry, actor, params }) {
    const model = await get(registry, actor, params.id)
    return presentModel(model)
  },
})
