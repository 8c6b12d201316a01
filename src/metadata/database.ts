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
