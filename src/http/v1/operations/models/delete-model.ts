import { deleteModel as remove } from '../../../../registry/models/delete-model.ts'
import { defineOperation } from '../../../operation.ts'
import { Id } from '../../schema.ts'

export const deleteModel = defineOperation({
  id: 'deleteModel',
  method: 'DELETE',
  path: '/models/{id}',
  access: 'writer',
  tag: 'Models',
  summary: 'Delete a model',
  description: 'With all its versions, files and aliases.',
  params: Id,
  response: Id,
  async handle({ registry, actor, params }) {
    await remove(registry, actor, params.id)
    return { id: params.id }
  },
})
