import { getAlias } from '../../../../registry/aliases/get-alias.ts'
import { defineRoute } from '../../../route.ts'
import { AliasBody, AliasParams, etagOfAlias, presentAlias } from '../../resources/alias.ts'

export const getAliasRoute = defineRoute({
  id: 'getAlias',
  method: 'GET',
  path: '/models/{id}/aliases/{alias}',
  permission: 'alias.read',
  tag: 'Aliases',
  summary: 'Get an alias',
  params: AliasParams,
  response: AliasBody,
  async handle({ registry, actor, params, reply }) {
    const alias = await getAlias(registry, actor, { modelId: params.id, alias: params.alias })
    reply.header('etag', etagOfAlias(alias))
    return presentAlias(alias)
  },
})
