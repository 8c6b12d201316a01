import { invalidArgument } from './errors.ts'

/** A name that points at one committed version of a model, such as `production`. */
export interface Alias {
  modelId: string
  name: string
  number: number
  userId: string
  createdAt: number
  modifiedAt: number
}

/** Throws `invalid_argument` unless the name can't be mistaken for a version number or for `latest`. */
export function requireAliasName(name: string): string {
  const problem = findAliasProblem(name)
  if (problem) throw invalidArgument('alias', problem)
  return name
}

/** Computed, never stored: the newest committed version. */
export const LATEST = 'latest'

/**
 * What is wrong with an alias, as the end of a sentence that begins with "alias", or undefined when it is fine: it can't be mistaken for a
 * version number or for `latest`.
 */
export function findAliasProblem(name: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9._-]{0,127}$/.test(name)) {
    return 'must be a letter followed by up to 127 letters, digits, ".", "_" or "-"'
  }
  if (name.toLowerCase() === LATEST) return '"latest" is reserved: it always means the newest committed version'
  return /^v\d+$/i.test(name) ? `must not look like a version number, as "${name}" does` : undefined
}
