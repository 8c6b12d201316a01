/** What an API key may do. Each role includes the ones before it. */
export const ROLES = ['reader', 'writer', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Who is asking: a user of one team, through one API key. */
export interface KeyActor {
  kind: 'key'
  teamId: string
  userId: string
  apiKeyId: string
  role: Role
  /** Whether this key may make teams, and keys for any team. */
  isInstanceAdmin: boolean
  request: RequestFacts
}

/** Who asks without a key. A door decides what that may read; it is never more than what is public. */
export interface AnonymousActor {
  kind: 'anonymous'
}

export type Actor = KeyActor | AnonymousActor

export const ANONYMOUS: AnonymousActor = { kind: 'anonymous' }

/** What is known of the request that an actor asks by; events keep it. */
export interface RequestFacts {
  id: string | null
  /** Where it came from, as the server sees it. */
  address: string | null
  /** Makes a repeated request have one effect; see registry/change.ts. */
  idempotency?: { key: string; fingerprint: string } | undefined
}

export function roleIncludes(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed)
}
