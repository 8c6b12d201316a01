import { Type } from 'typebox'
import { deleteAlias as remove } from '../../../../registry/aliases/delete-alias.ts'
import { defineOperation } from '../../../operation.ts'
import { AliasParams } from '../../resources/alias.ts'

export const deleteAlias = defineOperation({
  id: 'deleteAlias',
  method: 'DELETE',
  path: '/models/{id}/aliases/{alias}',
  access: 'writer',
  tag: 'Aliases',
  summary: 'Delete an alias',
  description: 'The version it points at stays.',
  params: AliasParams,
  response: Type.Object({ alias: Type.String(), modelId: Type.String() }),
  async handle({ registry, actor, params }) {
    const alias = await remove(registry, actor, { modelId: params.id, alias: params.alias })
    return { alias: alias.name, modelId: alias.modelId }
  },
})
