import { invalidArgument, quote } from './errors.ts'
import { requireName } from './text.ts'

/** A person or a robot of one team, for whom API keys act. */
export interface User {
  id: string
  teamId: string
  name: string
  email: string | null
  createdAt: number
}

export function requireUserName(name: string): string {
  return requireName('name', name, 120)
}

export function requireEmail(email: string | null): string | null {
  if (email === null) return null
  requireName('email', email, 254)
  if (!/^[^@\s]+@[^@\s]+$/.test(email)) throw invalidArgument('email', `must be an e-mail address, not ${quote(email)}`)
  return email
}
