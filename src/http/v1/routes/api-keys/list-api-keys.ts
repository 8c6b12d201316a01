import { listApiKeys } from '../../../../registry/api-keys/list-api-keys.ts'
import { defineRoute } from '../../../route.ts'
import { ApiKeyBody, presentApiKey } from '../../resources/api-key.ts'
import { LongPageQuery, PageOf, presentPage } from '../../schema.ts'

export const listApiKeysRoute = defineRoute({
  id: 'listApiKeys',
  method: 'GET',
  path: '/api-keys',
  permission: 'api-key.list',
  tag: 'API keys',
  summary: 'List the API keys of the team',
  description: 'Without revoked ones; never with their secrets.',
  query: LongPageQuery({}),
  response: PageOf(ApiKeyBody),
  async handle({ registry, actor, query }) {
    const page = await listApiKeys(registry, actor, query)
    return presentPage(page, presentApiKey)
  },
})
