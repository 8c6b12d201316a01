/** What an API key may do. Each role includes the ones before it. */
export const ROLES = ['reader', 'writer', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Who is asking: a user of one team, through one API key. */
export interface Actor {
  teamId: string
  userId: string
  apiKeyId: string
  role: Role
  /** Whether this key may make teams: true only of the first key of an installation. */
  isInstanceAdmin: boolean
}

export function roleIncludes(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed)
}
