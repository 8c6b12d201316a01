import type { Role } from '../../domain/actor.ts'
import { type ApiKey, formatKey, hashSecret, newKeyText, parseKey } from '../../domain/api-key.ts'
import { newId } from '../../domain/ids.ts'
import { insertApiKey } from '../../metadata/api-keys.ts'
import type { Transaction } from '../../metadata/database.ts'

/** The row of a new key. `key` presets its text, which must be well formed. */
export async function addApiKey(
  trx: Transaction,
  input: {
    teamId: string
    userId: string
    name: string
    role: Role
    expiresAt: number | null
    at: number
    isInstanceAdmin: boolean
    key?: string | undefined
  },
): Promise<{ apiKey: ApiKey; key: string }> {
  const text = (input.key && parseKey(input.key)) || newKeyText(newId('apiKey'))
  const apiKey: ApiKey = {
    id: text.id,
    teamId: input.teamId,
    userId: input.userId,
    name: input.name,
    role: input.role,
    isInstanceAdmin: input.isInstanceAdmin,
    createdAt: input.at,
    expiresAt: input.expiresAt,
    revokedAt: null,
    lastUsedAt: null,
  }
  await insertApiKey(trx, apiKey, hashSecret(text.secret))
  return { apiKey, key: formatKey(text) }
}
