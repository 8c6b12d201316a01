import { getAlias as get } from '../../../../registry/aliases/get-alias.ts'
import { defineOperation } from '../../../operation.ts'
import { AliasBody, AliasParams, presentAlias } from '../../resources/alias.ts'

export const getAlias = defineOperation({
  id: 'getAlias',
  method: 'GET',
  path: '/models/{id}/aliases/{alias}',
  access: 'reader',
  tag: 'Aliases',
  summary: 'Get an alias',
  params: AliasParams,
  response: AliasBody,
  async handle({ registry, actor, params }) {
    const alias = await get(registry, actor, { modelId: params.id, alias: params.alias })
    return presentAlias(alias)
  },
})
