/** What PostgreSQL and the connection to it report, sorted by what may be done about it. */
import { RegistryError } from '../../domain/errors.ts'
import { DatabaseBusyError, DatabaseFullError, DatabaseUnreachableError } from '../database.ts'

/** Another transaction came in between, so the work may be run again: it will see what that one left. */
const CONFLICT = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '23505', // unique_violation: another one wrote the row between our question and our answer
  '23503', // foreign_key_violation: another one removed the row
])

const LOCK_TIMEOUT = '55P03'
const QUERY_CANCELED = '57014'
const DISK_FULL = '53100'

/**
 * The server refuses the connection or ends it: starting, stopping, out of connections, only a standby now, or tired of an idle transaction. Also
 * where it no longer knows the role, the password or the database, as while somebody changes them.
 */
const UNREACHABLE = /^(08...|57P0[1-5]|53300|25006|25P0[34]|28000|28P01|3D000)$/

const SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
])

/** `pg` names these by their text alone. */
const DRIVER =
  /^(Connection terminated|Query read timeout|timeout (exceeded|expired)|Client (was closed|has encountered)|Cannot use a pool)/i

export function isConflict(error: unknown): boolean {
  return CONFLICT.has(codeOf(error))
}

/** Another transaction holds a lock for longer than this one may wait. */
export function isLockTimeout(error: unknown): boolean {
  return codeOf(error) === LOCK_TIMEOUT
}

/** Whether the connection is of no use any more, so that what became of a statement on it isn't known. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = codeOf(error)
  return SOCKET.has(code) || UNREACHABLE.test(code) || (code === '' && DRIVER.test(error.message))
}

/** The same failure as callers know it. For failures after which nothing was kept. */
export function translate(error: unknown): unknown {
  if (error instanceof RegistryError) return error
  const code = codeOf(error)
  if (isConnectionLost(error)) return new DatabaseUnreachableError(error)
  if (code === DISK_FULL) return new DatabaseFullError(error)
  if (code === LOCK_TIMEOUT || code === QUERY_CANCELED || isConflict(error)) return new DatabaseBusyError(error)
  return error
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
