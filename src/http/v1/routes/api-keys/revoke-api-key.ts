import { revokeApiKey } from '../../../../registry/api-keys/revoke-api-key.ts'
import { defineRoute } from '../../../route.ts'
import { Id } from '../../schema.ts'

export const revokeApiKeyRoute = defineRoute({
  id: 'revokeApiKey',
  method: 'DELETE',
  path: '/api-keys/{id}',
  permission: 'api-key.revoke',
  tag: 'API keys',
  summary: 'Revoke an API key',
  description: 'It stops working at once.',
  params: Id,
  response: Id,
  async handle({ registry, actor, params }) {
    await revokeApiKey(registry, actor, params.id)
    return { id: params.id }
  },
})
