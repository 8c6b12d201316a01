/** What a database says when a constraint decides a race, told the same way for every database. */

const SQLITE_UNIQUE = new Set([2067, 1555])

export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && SQLITE_UNIQUE.has(Number(error.errcode))
}
