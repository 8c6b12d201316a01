import { listApiKeys as list } from '../../../../registry/api-keys/list-api-keys.ts'
import { defineOperation } from '../../../operation.ts'
import { ApiKeyBody, presentApiKey } from '../../resources/api-key.ts'
import { PageOf, PageQuery, presentPage } from '../../schema.ts'

export const listApiKeys = defineOperation({
  id: 'listApiKeys',
  method: 'GET',
  path: '/api-keys',
  access: 'admin',
  tag: 'API keys',
  summary: 'List the API keys of the team',
  description: 'Without revoked ones; never with their secrets.',
  query: PageQuery({}),
  response: PageOf(ApiKeyBody),
  async handle({ registry, actor, query }) {
    const page = await list(registry, actor, query)
    return presentPage(page, presentApiKey)
  },
})
