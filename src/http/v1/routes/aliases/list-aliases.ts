import { listAliases } from '../../../../registry/aliases/list-aliases.ts'
import { defineRoute } from '../../../route.ts'
import { AliasBody, presentAlias } from '../../resources/alias.ts'
import { Id, LongPageQuery, PageOf, presentPage } from '../../schema.ts'

export const listAliasesRoute = defineRoute({
  id: 'listAliases',
  method: 'GET',
  path: '/models/{id}/aliases',
  permission: 'alias.read',
  tag: 'Aliases',
  summary: 'List the aliases of a model',
  description: '`latest` is not among them: it is always the newest committed version.',
  params: Id,
  query: LongPageQuery({}),
  response: PageOf(AliasBody),
  async handle({ registry, actor, params, query }) {
    const page = await listAliases(registry, actor, { ...query, modelId: params.id })
    return presentPage(page, presentAlias)
  },
})
