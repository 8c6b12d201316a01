import { hash, timingSafeEqual } from 'node:crypto'
import type { KeyActor, RequestFacts } from '../../domain/actor.ts'
import { type ApiKey, parseKey } from '../../domain/api-key.ts'
import { RegistryError } from '../../domain/errors.ts'
import { findApiKey, shareApiKey, touchApiKey } from '../../metadata/api-keys.ts'
import type { Transaction } from '../../metadata/database.ts'
import type { Registry } from '../registry.ts'

/** How exact `lastUsedAt` is, in ms: a write for each request would cost more than it tells. */
const LAST_USED_STEP = 60_000

/** An unknown key is compared with this, so that it takes as long to refuse as a known one with a wrong secret. */
const NO_KEY = Buffer.alloc(32)

/**
 * Who a key's text stands for. A revoked key stops working at once, on every process.
 * Throws `unauthenticated`; whether a key's id exists is not told apart from a wrong secret.
 */
export async function authenticate(registry: Registry, text: string, request: RequestFacts): Promise<KeyActor> {
  const parsed = parseKey(text)
  if (!parsed) throw unauthenticated('this is not a Holotype API key; a key looks like ht_ak…_…')
  const key = await registry.knownKeys.find(registry.db, parsed.id)
  const expected = key ? Buffer.from(key.secretSha256, 'hex') : NO_KEY
  const actual = hash('sha256', parsed.secret, 'buffer')
  if (!timingSafeEqual(actual, expected) || !key) throw unauthenticated('the API key is not valid')
  const at = registry.clock.now()
  requireUsable(key, at)
  if (key.lastUsedAt === null || Math.abs(at - key.lastUsedAt) >= LAST_USED_STEP) noteUse(registry, key.id, at)
  return toActor(key, request)
}

/**
 * Throws `unauthenticated` unless the actor's key may still be used, and keeps it from being revoked until the end of the transaction: a key
 * that was revoked while a body arrived must not finish what it began.
 */
export async function requireStillAuthenticated(trx: Transaction, actor: KeyActor, at: number): Promise<void> {
  await requireUsableKey(trx, actor.apiKeyId, at)
}

/** The same by the id of a key, for what was begun with it. */
export async function requireUsableKey(trx: Transaction, id: string, at: number): Promise<void> {
  const key = await shareApiKey(trx, id)
  if (!key) throw unauthenticated('the API key is not valid')
  requireUsable(key, at)
}

/** The actor on whose behalf a job goes on with what a key has begun. Throws `unauthenticated` when the key may no longer be used. */
export async function actAs(registry: Registry, { apiKeyId }: { apiKeyId: string }): Promise<KeyActor> {
  const key = await findApiKey(registry.db.read, apiKeyId)
  if (!key) throw unauthenticated('the API key is not valid')
  requireUsable(key, registry.clock.now())
  return toActor(key, { id: null, address: null })
}

function requireUsable(key: ApiKey, at: number): void {
  if (key.revokedAt !== null) throw unauthenticated('the API key has been revoked')
  if (key.expiresAt !== null && key.expiresAt <= at) {
    throw unauthenticated(`the API key expired at ${new Date(key.expiresAt).toISOString()}`)
  }
}

/** Tried once a step, also while it fails: a full disk must not make each read a doomed write. */
function noteUse(registry: Registry, id: string, at: number): void {
  if (Math.abs(at - (registry.keyUsesNoted.get(id) ?? 0)) < LAST_USED_STEP) return
  registry.keyUsesNoted.set(id, at)
  registry.db
    .transaction(trx => touchApiKey(trx, id, at))
    .catch(error => registry.warn('could not note the use of an API key', error))
}

function unauthenticated(message: string): RegistryError {
  return new RegistryError('unauthenticated', message)
}

function toActor(key: ApiKey, request: RequestFacts): KeyActor {
  return {
    kind: 'key',
    teamId: key.teamId,
    userId: key.userId,
    apiKeyId: key.id,
    role: key.role,
    isInstanceAdmin: key.isInstanceAdmin,
    request,
  }
}
