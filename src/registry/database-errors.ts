/** What the database could not do, in the registry's words. */

import { RegistryError } from '../domain/errors.ts'
import {
  type Database,
  DatabaseBusyError,
  DatabaseFullError,
  DatabaseUnusableError,
  type Queryable,
} from '../metadata/database.ts'

/**
 * The same database, with refusals that a caller can act on: `unavailable` and `storage_full`. Both are certain to have left nothing
 * behind. A failed commit stays what it is, since nobody knows what became of it.
 */
export function withPlainRefusals(db: Database): Database {
  return {
    read: db.read,
    transaction: <T>(work: (trx: Queryable) => Promise<T>) =>
      db.transaction(work).catch((error: unknown): never => {
        throw translate(error)
      }),
    checkHealth: () => db.checkHealth(),
    close: () => db.close(),
  }
}

function translate(error: unknown): unknown {
  if (error instanceof DatabaseBusyError) {
    return new RegistryError('unavailable', 'the database is busy with another process; nothing was kept, try again', {
      cause: error,
    })
  }
  if (error instanceof DatabaseFullError) {
    return new RegistryError('storage_full', 'there is no room left for the change; nothing was kept', { cause: error })
  }
  if (error instanceof DatabaseUnusableError) {
    return new RegistryError('unavailable', 'the registry takes no changes until it is restarted; nothing was kept', {
      cause: error,
    })
  }
  return error
}
