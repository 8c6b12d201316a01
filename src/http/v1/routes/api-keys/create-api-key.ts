import { Type } from 'typebox'
import { ROLES } from '../../../../domain/actor.ts'
import { createApiKey } from '../../../../registry/api-keys/create-api-key.ts'
import { defineRoute } from '../../../route.ts'
import { NewApiKeyBody, presentNewApiKey } from '../../resources/api-key.ts'
import { Nullable, ONE_LINE, OneOf } from '../../schema.ts'

export const createApiKeyRoute = defineRoute({
  id: 'createApiKey',
  method: 'POST',
  path: '/api-keys',
  permission: 'api-key.create',
  tag: 'API keys',
  summary: 'Create an API key',
  description: 'The answer has the whole key; it is never shown again.',
  body: Type.Object(
    {
      dtExpires: Type.Optional(Nullable(Type.String({ format: 'date-time', description: 'Never, unless given.' }))),
      isInstanceAdmin: Type.Optional(
        Type.Boolean({
          description: 'Whether it may manage teams and keys of all teams. Only an admin key, made by such a key.',
        }),
      ),
      name: Type.String({ minLength: 1, maxLength: 120, ...ONE_LINE }),
      role: OneOf(ROLES, 'admin includes writer, writer includes reader.'),
      teamId: Type.Optional(
        Type.String({
          description: 'For which team; your own unless given. Another one only with an instance-admin key.',
        }),
      ),
      userId: Type.Optional(
        Type.String({
          description: 'For which member it acts; yourself unless given, or the first member of another team.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  response: NewApiKeyBody,
  async handle({ registry, actor, body }) {
    const { dtExpires, ...input } = body
    const expiresAt = dtExpires == null ? null : Date.parse(dtExpires)
    const made = await createApiKey(registry, actor, { ...input, expiresAt })
    return presentNewApiKey(made)
  },
})
