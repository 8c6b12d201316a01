import { Type } from 'typebox'
import { updateModel as update } from '../../../../registry/models/update-model.ts'
import { defineOperation } from '../../../operation.ts'
import { ModelBody, presentModel } from '../../resources/model.ts'
import { Id, Nullable, ONE_LINE } from '../../schema.ts'

export const updateModel = defineOperation({
  id: 'updateModel',
  method: 'PUT',
  path: '/models/{id}',
  access: 'writer',
  tag: 'Models',
  summary: 'Update a model',
  description: 'What is left out stays as it is.',
  params: Id,
  body: Type.Object(
    {
      description: Type.Optional(Nullable(Type.String({ maxLength: 10_000 }))),
      isPublic: Type.Optional(Type.Boolean()),
      name: Type.Optional(Type.String({ minLength: 1, maxLength: 255, ...ONE_LINE })),
    },
    { additionalProperties: false },
  ),
  response: ModelBody,
  async handle({ registry, actor, params, body }) {
    const model = await update(registry, actor, { modelId: params.id, change: body })
    return presentModel(model)
  },
})
