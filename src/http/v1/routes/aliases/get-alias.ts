import { getAlias } from '../../../../registry/aliases/get-alias.ts'
import { defineRoute } from '../../../route.ts'
import { AliasBody, AliasParams, presentAlias } from '../../resources/alias.ts'

export const getAliasRoute = defineRoute({
  id: 'getAlias',
  method: 'GET',
  path: '/models/{id}/aliases/{alias}',
  permission: 'alias.read',
  tag: 'Aliases',
  summary: 'Get an alias',
  params: AliasParams,
  response: AliasBody,
  async handle({ registry, actor, params }) {
    const alias = await getAlias(registry, actor, { modelId: params.id, alias: params.alias })
    return presentAlias(alias)
  },
})
