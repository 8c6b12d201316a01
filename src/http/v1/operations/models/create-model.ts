import { Type } from 'typebox'
import { createModel as create } from '../../../../registry/models/create-model.ts'
import { defineOperation } from '../../../operation.ts'
import { ModelBody, presentModel } from '../../resources/model.ts'
import { Nullable, ONE_LINE } from '../../schema.ts'

export const createModel = defineOperation({
  id: 'createModel',
  method: 'POST',
  path: '/models',
  access: 'writer',
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
    },
    { additionalProperties: false },
  ),
  response: ModelBody,
  async handle({ registry, actor, body }) {
    const model = await create(registry, actor, body)
    return presentModel(model)
  },
})
