import { revokeApiKey as revoke } from '../../../../registry/api-keys/revoke-api-key.ts'
import { defineOperation } from '../../../operation.ts'
import { Id } from '../../schema.ts'

export const revokeApiKey = defineOperation({
  id: 'revokeApiKey',
  method: 'DELETE',
  path: '/api-keys/{id}',
  access: 'admin',
  tag: 'API keys',
  summary: 'Revoke an API key',
  description: 'It stops working at once.',
  params: Id,
  response: Id,
  async handle({ registry, actor, params }) {
    await revoke(registry, actor, params.id)
    return { id: params.id }
  },
})
