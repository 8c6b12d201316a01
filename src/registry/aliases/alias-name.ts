/** Which names an alias may have. Pure and without imports: the client checks a name by the same rules before it uploads anything for it. */

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
