import { createHash } from 'node:crypto'
import type { Role } from './actor.ts'
import { newSecret } from './ids.ts'
import { requireName } from './text.ts'

/** A key as it is listed: all but its secret, which is shown once and kept nowhere. Times are ms since 1970. */
export interface ApiKey {
  id: string
  teamId: string
  userId: string
  name: string
  role: Role
  isInstanceAdmin: boolean
  createdAt: number
  expiresAt: number | null
  revokedAt: number | null
  lastUsedAt: number | null
}

/** A key's text, `ht_<id>_<secret>`, taken apart. */
export interface KeyText {
  id: string
  secret: string
}

/** Only letters, digits and "_": the official Paperspace client strips everything else from a key typed at its prompt. */
export function formatKey({ id, secret }: KeyText): string {
  return `ht_${id}_${secret}`
}

/** Undefined when the text isn't a key of ours at all. */
export function parseKey(text: string): KeyText | undefined {
  const match = /^ht_(ak[0-9a-z]{13})_([A-Za-z0-9_-]{32,128})$/.exec(text)
  return match?.[1] && match[2] ? { id: match[1], secret: match[2] } : undefined
}

export function newKeyText(id: string): KeyText {
  return { id, secret: newSecret() }
}

/** A plain hash is enough: the secret has more than 200 random bits, so there is nothing to guess and nothing to slow down. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

export function requireKeyName(name: string): string {
  return requireName('name', name, 120)
}
