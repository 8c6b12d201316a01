import type { Transaction } from './database.ts'

interface IdempotencyRequest {
  apiKeyId: string
  key: string
  fingerprint: string
  at: number
  /** Keys that were taken before this time are forgotten, whether their rows are gone or not. */
  before: number
}

export interface IdempotencyRecord {
  fingerprint: string
  /** JSON; null where it was not kept. */
  result: string | null
}

/**
 * Answers undefined when the key is new, or was taken before `before`, and takes it; else what it has led to. A transaction that took it
 * first is waited for.
 */
export async function takeIdempotencyKey(
  trx: Transaction,
  { apiKeyId, key, fingerprint, at, before }: IdempotencyRequest,
): Promise<IdempotencyRecord | undefined> {
  const fresh = { fingerprint, result: null, created_at: at }
  const taken = await trx
    .insertInto('idempotency_keys')
    .values({ api_key_id: apiKeyId, key, ...fresh })
    .onConflict(conflict =>
      conflict.columns(['api_key_id', 'key']).doUpdateSet(fresh).where('idempotency_keys.created_at', '<', before),
    )
    .returning('key')
    .executeTakeFirst()
  if (taken) return undefined
  return await trx
    .selectFrom('idempotency_keys')
    .select(['fingerprint', 'result'])
    .where('api_key_id', '=', apiKeyId)
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
}

export async function keepIdempotentResult(
  trx: Transaction,
  { apiKeyId, key, result }: { apiKeyId: string; key: string; result: string },
): Promise<void> {
  await trx
    .updateTable('idempotency_keys')
    .set({ result })
    .where('api_key_id', '=', apiKeyId)
    .where('key', '=', key)
    .execute()
}

/** Removes up to `limit` keys that were taken before `before`. */
export async function deleteOldIdempotencyKeys(trx: Transaction, before: number, limit: number): Promise<void> {
  const old = await trx
    .selectFrom('idempotency_keys')
    .select(['api_key_id', 'key'])
    .where('created_at', '<', before)
    .orderBy('created_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()
  for (const { api_key_id, key } of old) {
    await trx.deleteFrom('idempotency_keys').where('api_key_id', '=', api_key_id).where('key', '=', key).execute()
  }
}
