import { Type } from 'typebox'
import { deleteAlias } from '../../../../registry/aliases/delete-alias.ts'
import { defineRoute } from '../../../route.ts'
import { AliasParams } from '../../resources/alias.ts'

export const deleteAliasRoute = defineRoute({
  id: 'deleteAlias',
  method: 'DELETE',
  path: '/models/{id}/aliases/{alias}',
  permission: 'alias.delete',
  tag: 'Aliases',
  summary: 'Delete an alias',
  description: 'The version it points at stays.',
  params: AliasParams,
  response: Type.Object({ alias: Type.String(), modelId: Type.String() }),
  async handle({ registry, actor, params }) {
    const alias = await deleteAlias(registry, actor, { modelId: params.id, alias: params.alias })
    return { alias: alias.name, modelId: alias.modelId }
  },
})
