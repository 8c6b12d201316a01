import { invalidArgument, quote } from './errors.ts'

/** Everything belongs to one team, and nothing of it shows to another unless it is made public. */
export interface Team {
  id: string
  namespace: string
  createdAt: number
}

/**
 * Throws `invalid_argument` unless the namespace is a lower-case letter followed by letters, digits, "-" or "_". No dots and nothing
 * like a date: the official Paperspace client stores keys under a path split at dots and turns "2023" into a date.
 */
export function requireNamespace(namespace: string): string {
  if (!/^[a-z][a-z0-9_-]{0,62}$/.test(namespace)) {
    throw invalidArgument(
      'namespace',
      `must be a lower-case letter followed by up to 62 lower-case letters, digits, "-" or "_", not ${quote(namespace)}`,
    )
  }
  return namespace
}
