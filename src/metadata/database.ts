/**
 * The database behind the registry: Kysely for queries, and one rule on top. Reads see only what has been committed; writes go through
 * `transaction`, which answers after the commit is durable.
 */
import type { Kysely, Transaction as KyselyTransaction } from 'kysely'
import { Distribution } from '../domain/distribution.ts'
import { RegistryError } from '../domain/errors.ts'
import type { Event } from '../domain/event.ts'
import type { Schema } from './schema.ts'

/** What a reading query runs on: the committed state, or a transaction. */
export type Reader = Kysely<Schema>

/** What a writing query runs on. */
export type Transaction = KyselyTransaction<Schema>

/** Takes the events of a transaction. The database inserts them last, in the order of the commits. */
export interface EventLog {
  append(event: Event): void
}

/** What one transaction does. See `Database.transaction` for what it must keep to. */
export type Work<T> = (trx: Transaction, log: EventLog) => Promise<T>

export interface DatabaseActivity {
  /** How many transactions each commit had. */
  readonly commits: Distribution
  /** Connections to a database server; undefined where there is none. `waiting` counts those who wait for a connection. */
  readonly pool: { open: number; idle: number; waiting: number; max: number } | undefined
}

/** For `DatabaseActivity.commits`. */
export function createCommitDistribution(): Distribution {
  return new Distribution([1, 2, 4, 8, 16, 32, 64, 128, 256])
}

export interface Database {
  readonly read: Reader
  /** Whether this process is the only one that can be using the database: then what others left under way is dead. */
  readonly isExclusive: boolean
  /** Grows with each commit, where this process alone makes them: what was read is still so while it is the same. Elsewhere undefined. */
  readonly revision: number | undefined
  /** What it has done since it was opened, and what it is doing. */
  readonly activity: DatabaseActivity
  /**
   * Runs `work` as one transaction and resolves once its effects are durable. The effects are as if all transactions had run one after
   * the other. If `work` throws, nothing of it stays.
   *
   * `work` may be run again from the start, when another transaction came in between. So it changes nothing outside its handle, and it
   * waits for nothing but queries on it: no files, no network.
   */
  transaction<T>(work: Work<T>): Promise<T>
  /**
   * Writes what the registry keeps, as it is at one moment, into `file`, a new SQLite database: the form of every backup. Neither waits for
   * writers nor lets them wait. The copy needs no file beside it; making it durable is the caller's business.
   */
  copyToFile(file: string): Promise<void>
  /**
   * Throws `DatabaseFullError` when the room that is left should be kept for removing things. For changes that add rows, before their
   * transaction.
   */
  requireRoom(): void
  /** Throws when the database doesn't answer or can no longer be trusted. */
  checkHealth(): Promise<void>
  close(): Promise<void>
}

/** Other transactions held what this one needs for too long. Nothing was changed, and the same thing may work a moment later. */
export class DatabaseBusyError extends RegistryError {
  override readonly name = 'DatabaseBusyError'
  constructor(cause: unknown) {
    super('unavailable', 'the database is busy with another process; nothing was kept, try again', { cause })
  }
}

/** The medium has no room left for the change. Nothing was changed, and the database stays sound. */
export class DatabaseFullError extends RegistryError {
  override readonly name = 'DatabaseFullError'
  constructor(cause: unknown) {
    super('storage_full', 'there is no room left for the change; nothing was kept', { cause })
  }
}

/** An earlier commit failed, so nothing is written any more until the database is opened anew. This change was not tried. */
export class DatabaseUnusableError extends RegistryError {
  override readonly name = 'DatabaseUnusableError'
  constructor(cause: unknown) {
    super('unavailable', 'the registry takes no changes until it is restarted; nothing was kept', { cause })
  }
}

/** The database doesn't answer, or the connection to it broke before the commit. Nothing was changed. */
export class DatabaseUnreachableError extends RegistryError {
  override readonly name = 'DatabaseUnreachableError'
  constructor(cause: unknown) {
    super('unavailable', 'the database does not answer; nothing was changed, try again in a moment', { cause })
  }
}

/** The connection broke while the commit was on its way. Only the database knows what became of it, so it is never repeated blindly. */
export class CommitUnknownError extends RegistryError {
  override readonly name = 'CommitUnknownError'
  constructor(cause: unknown) {
    super(
      'unavailable',
      'the connection to the database broke during the commit: the change may have been kept or not; look before you repeat it',
      { cause },
    )
  }
}
