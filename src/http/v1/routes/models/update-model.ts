import { Type } from 'typebox'
import { updateModel } from '../../../../registry/models/update-model.ts'
import { defineRoute } from '../../../route.ts'
import { ModelBody, presentModel, uniqueName } from '../../resources/model.ts'
import { Id, Nullable, ONE_LINE } from '../../schema.ts'

export const updateModelRoute = defineRoute({
  id: 'updateModel',
  method: 'PUT',
  path: '/models/{id}',
  permission: 'model.update',
  tag: 'Models',
  summary: 'Update a model',
  description: 'What is left out stays as it is.',
  params: Id,
  body: Type.Object(
    {
      description: Type.Optional(Nullable(Type.String({ maxLength: 10_000 }))),
      isPublic: Type.Optional(Type.Boolean()),
      name: Type.Optional(Type.String({ minLength: 1, maxLength: 255, ...ONE_LINE })),
      uniqueName,
    },
    { additionalProperties: false },
  ),
  response: ModelBody,
  async handle({ registry, actor, params, body }) {
    const { uniqueName, ...change } = body
    const model = await updateModel(registry, actor, { modelId: params.id, change, uniqueName })
    return presentModel(model)
  },
})
