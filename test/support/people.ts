/** Keys in every state a key can be in. */
import type { TestRegistry } from './registry.ts'

export interface MadeKey {
  id: string
  key: string
}

export async function makeKey(r: TestRegistry, role: string, more: Record<string, unknown> = {}): Promise<MadeKey> {
  const answer = await r.admin.post('/api-keys', { name: role, role, ...more })
  const { id, key } = answer.json()
  return { id, key }
}

/** A key whose time is over. Set back by hand, since waiting for it would take time. */
export async function makeExpiredKey(r: TestRegistry, role: string): Promise<MadeKey> {
  const made = await makeKey(r, role, { dtExpires: '2999-01-01T00:00:00Z' })
  await r.app.registry.db.transaction(trx =>
    trx.updateTable('api_keys').set({ expires_at: 1000 }).where('id', '=', made.id).execute(),
  )
  return made
}

export async function makeRevokedKey(r: TestRegistry, role: string): Promise<MadeKey> {
  const made = await makeKey(r, role)
  await r.admin.delete(`/api-keys/${made.id}`)
  return made
}
