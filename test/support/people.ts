/** Keys in every state a key can be in. */
import type { MovableClock } from './clock.ts'
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

/** A key whose time is over: the test's clock, which must be the registry's, is moved past it. */
export async function makeExpiredKey(r: TestRegistry, clock: MovableClock, role: string): Promise<MadeKey> {
  const made = await makeKey(r, role, { dtExpires: new Date(clock.now() + 60_000).toISOString() })
  clock.move(120_000)
  return made
}

export async function makeRevokedKey(r: TestRegistry, role: string): Promise<MadeKey> {
  const made = await makeKey(r, role)
  await r.admin.delete(`/api-keys/${made.id}`)
  return made
}
