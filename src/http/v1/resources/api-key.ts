import { type Static, Type } from 'typebox'
import { ROLES } from '../../../domain/actor.ts'
import type { ApiKey } from '../../../domain/api-key.ts'
import { DateTime, Nullable, OneOf, toDate } from '../schema.ts'

const fields = {
  dtCreated: DateTime,
  dtExpires: Nullable(Type.String({ format: 'date-time' })),
  dtLastUsed: Nullable(Type.String({ format: 'date-time', description: 'To the minute.' })),
  id: Type.String(),
  isInstanceAdmin: Type.Boolean({ description: 'Whether it may manage teams and keys of all teams.' }),
  name: Type.String(),
  role: OneOf(ROLES, 'admin includes writer, writer includes reader.'),
  userId: Type.String({ description: 'For whom the key acts.' }),
}

export const ApiKeyBody = Type.Object(fields, { title: 'ApiKey' })

/** Only the answer that makes a key has the key itself. */
export const NewApiKeyBody = Type.Object(
  { ...fields, key: Type.String({ description: 'The whole key. It is shown in this answer and never again.' }) },
  { title: 'NewApiKey' },
)

export function presentApiKey(key: ApiKey): Static<typeof ApiKeyBody> {
  return {
    dtCreated: toDate(key.createdAt),
    dtExpires: key.expiresAt === null ? null : toDate(key.expiresAt),
    dtLastUsed: key.lastUsedAt === null ? null : toDate(key.lastUsedAt),
    id: key.id,
    isInstanceAdmin: key.isInstanceAdmin,
    name: key.name,
    role: key.role,
    userId: key.userId,
  }
}

export function presentNewApiKey(made: { apiKey: ApiKey; key: string }): Static<typeof NewApiKeyBody> {
  return { ...presentApiKey(made.apiKey), key: made.key }
}
