import type { Actor, Role } from '../../domain/actor.ts'
import { type ApiKey, formatKey, hashSecret, newKeyText, parseKey, requireKeyName } from '../../domain/api-key.ts'
import { invalidArgument } from '../../domain/errors.ts'
import { newId } from '../../domain/ids.ts'
import { insertApiKey } from '../../metadata/api-keys.ts'
import type { Transaction } from '../../metadata/database.ts'
import { type Change, change } from '../change.ts'
import type { Registry } from '../registry.ts'
import { shareOwnUser } from '../users/get-user.ts'

export interface NewApiKey {
  name: string
  role: Role
  /** ms since 1970; null or absent: it never expires. */
  expiresAt?: number | null | undefined
  /** For whom the key acts; the actor's own user unless given. */
  userId?: string | undefined
}

/** Makes a key for a user of the actor's team. `key` is its whole text: it is in this answer and nowhere else. */
export async function createApiKey(
  registry: Registry,
  actor: Actor,
  input: NewApiKey,
): Promise<{ apiKey: ApiKey; key: string }> {
  const name = requireKeyName(input.name)
  const makeKey = async ({ trx, actor, at, record }: Change) => {
    const expiresAt = input.expiresAt ?? null
    if (expiresAt !== null && expiresAt <= at) throw invalidArgument('expiresAt', 'must be in the future')
    const user = await shareOwnUser(trx, actor, input.userId ?? actor.userId)
    const made = await addApiKey(trx, {
      teamId: actor.teamId,
      userId: user.id,
      name,
      role: input.role,
      expiresAt,
      at,
      isInstanceAdmin: false,
    })
    record({
      kind: 'api-key.create',
      subject: { kind: 'api-key', id: made.apiKey.id },
      details: { name, role: input.role, userId: user.id },
    })
    return made
  }
  return await change(registry, actor, 'api-key.create', makeKey, { isSecret: true })
}

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
