import { deleteModel } from '../../../../registry/models/delete-model.ts'
import { defineRoute } from '../../../route.ts'
import { Id } from '../../schema.ts'

export const deleteModelRoute = defineRoute({
  id: 'deleteModel',
  method: 'DELETE',
  path: '/models/{id}',
  permission: 'model.delete',
  tag: 'Models',
  summary: 'Delete a model',
  description: 'With all its versions, files and aliases.',
  params: Id,
  response: Id,
  async handle({ registry, actor, params }) {
    await deleteModel(registry, actor, params.id)
    return { id: params.id }
  },
})
