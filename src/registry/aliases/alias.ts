import { invalidArgument, quote } from '../errors.ts'

/** A name that points at one committed version of a model, such as `production`. */
export interface Alias {
  modelId: string
  name: string
  number: number
  userId: string
  createdAt: number
  modifiedAt: number
}

/** Computed, never stored: the newest committed version. */
export const LATEST = 'latest'

/** Throws `invalid_argument` unless the name can't be mistaken for a version number or for `latest`. */
export function requireAliasName(name: string): string {
  if (!/^[A-Za-z][A-Za-z0-9._-]{0,127}$/.test(name)) {
    throw invalidArgument(
      'alias',
      `must be a letter followed by up to 127 letters, digits, ".", "_" or "-", not ${quote(name)}`,
    )
  }
  if (name.toLowerCase() === LATEST)
    throw invalidArgument('alias', '"latest" is reserved: it always means the newest committed version')
  if (/^v\d+$/i.test(name))
    throw invalidArgument('alias', `must not look like a version number, as ${quote(name)} does`)
  return name
}
