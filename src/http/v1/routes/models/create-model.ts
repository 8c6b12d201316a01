import { Type } from 'typebox'
import { createModel } from '../../../../registry/models/create-model.ts'
import { defineRoute } from '../../../route.ts'
import { ModelBody, presentModel, uniqueName } from '../../resources/model.ts'
import { Nullable, ONE_LINE } from '../../schema.ts'

export const createModelRoute = defineRoute({
  id: 'createModel',
  method: 'POST',
  path: '/models',
  permission: 'model.create',
  tag: 'Models',
  summary: 'Create a model',
  body: Type.Object(
    {
      description: Type.Optional(Nullable(Type.String({ maxLength: 10_000 }))),
      // Required by the contract, but the official Paperspace client (1.x) leaves it out when false.
      isPublic: Type.Optional(
        Type.Boolean({ description: 'Whether every key may read the model. False unless given.' }),
      ),
      name: Type.String({ minLength: 1, maxLength: 255, ...ONE_LINE }),
      projectId: Type.Optional(Type.String({ description: 'The project to put it in.' })),
      storageProviderId: Type.Optional(Type.String({ description: 'Where to keep its bytes.' })),
      uniqueName,
    },
    { additionalProperties: false },
  ),
  response: ModelBody,
  async handle({ registry, actor, body }) {
    const model = await createModel(registry, actor, body)
    return presentModel(model)
  },
})
