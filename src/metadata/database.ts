/**
 * The database behind the registry: Kysely for queries, and one rule on top. Reads see only what has been committed; writes go through
 * `transaction`, which answers after the commit is on disk.
 */
import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** Anything a query can run on: the reading side, or a transaction. */
export type Queryable = Kysely<Schema>

export interface Database {
  readonly read: Queryable
  /**
   * Runs `work` as one transaction and resolves once its effects are durable. If `work` throws, nothing of it stays. `work` may only
   * wait for queries on the handle it is given: no files, no network.
   */
  transaction<T>(work: (trx: Queryable) => Promise<T>): Promise<T>
  /** Throws when the database doesn't answer or can no longer be trusted. */
  checkHealth(): Promise<void>
  close(): Promise<void>
}

/** Another process held the database for too long. Nothing was changed, and the same thing may work a moment later. */
export class DatabaseBusyError extends Error {
  override readonly name = 'DatabaseBusyError'
  constructor(cause: unknown) {
    super('the database is being written by another process', { cause })
  }
}

/** The medium has no room left for the change. Nothing was changed, and the database stays sound. */
export class DatabaseFullError extends Error {
  override readonly name = 'DatabaseFullError'
  constructor(cause: unknown) {
    super('the disk of the database is full', { cause })
  }
}

/** An earlier commit failed, so nothing is written any more until the database is opened anew. This change was not tried. */
export class DatabaseUnusableError extends Error {
  override readonly name = 'DatabaseUnusableError'
  constructor(cause: unknown) {
    super('a commit has failed; restart the registry', { cause })
  }
}
