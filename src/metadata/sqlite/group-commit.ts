/**
 * Durability costs one fsync per commit, and a disk does few of those. So transactions that wait at the same time share a commit: each
 * runs as a savepoint of one outer transaction, and all are answered after the one fsync. A transaction that fails takes back only its
 * own savepoint; if the commit itself fails, every one of them fails.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import type { Event } from '../../domain/event.ts'
import {
  createCommitDistribution,
  DatabaseBusyError,
  DatabaseFullError,
  DatabaseUnusableError,
  type Work,
} from '../database.ts'
import { insertEvents } from '../events.ts'
import { writeSearchIndex } from './search-index.ts'
import { transactionOn } from './sqlite-driver.ts'

export interface GroupOptions {
  /** How long a group waits for another process that is writing, in ms. */
  busyTimeoutMs: number
  /** Called right before a commit, with nothing in between: for those who read an older state. */
  beforeCommit(): void
}

interface Waiting {
  run(): Promise<void>
  settle(commitError: unknown): void
}

/** Bounds how long the first of a group waits for the last. */
const GROUP_MAX = 256

/** How often a lock that another process holds is asked for again, in ms. */
const LOOK_AGAIN_MS = 10

const SQLITE_BUSY = 5
const SQLITE_FULL = 13

export class GroupCommit {
  readonly commits = createCommitDistribution()
  readonly #database: DatabaseSync
  readonly #connection: DatabaseConnection
  readonly #options: GroupOptions
  readonly #savepoint: StatementSync
  readonly #release: StatementSync
  #queue: Waiting[] = []
  #draining: Promise<void> | undefined
  #commitError: unknown
  #revision = 0

  constructor(database: DatabaseSync, connection: DatabaseConnection, options: GroupOptions) {
    this.#database = database
    this.#connection = connection
    this.#options = options
    this.#savepoint = database.prepare('SAVEPOINT work')
    this.#release = database.prepare('RELEASE work')
  }

  /** The error of the last failed commit: after one, what the disk holds is not known, and the database must be opened anew. */
  get commitError(): unknown {
    return this.#commitError
  }

  /** How many commits were tried. */
  get revision(): number {
    return this.#revision
  }

  transaction<T>(work: Work<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let outcome: { value: T } | { error: unknown }
      this.#queue.push({
        run: async () => {
          outcome = await this.#runInSavepoint(work)
        },
        // Also a failure is told only now: it may rest on what another transaction of this group did.
        settle: commitError => {
          if (commitError !== undefined) reject(commitError)
          else if ('error' in outcome) reject(outcome.error)
          else resolve(outcome.value)
        },
      })
      this.#draining ??= this.#drain()
    })
  }

  async idle(): Promise<void> {
    await this.#draining
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#collect()
      await this.#commitGroup(this.#queue.splice(0, GROUP_MAX))
    }
    this.#draining = undefined
  }

  /**
   * Waits while each turn of the event loop brings more: those who were answered together ask again one after the other, but well within
   * the time of a commit. One that is alone waits for one turn.
   */
  async #collect(): Promise<void> {
    let collected: number
    do {
      collected = this.#queue.length
      await new Promise(resolve => setImmediate(resolve))
    } while (this.#queue.length > collected && this.#queue.length < GROUP_MAX)
  }

  async #commitGroup(group: Waiting[]): Promise<void> {
    let failure: unknown
    try {
      if (this.#commitError !== undefined) throw new DatabaseUnusableError(this.#commitError)
      await this.#begin()
      for (const waiting of group) await waiting.run()
      await writeSearchIndex(transactionOn(this.#connection))
      this.#options.beforeCommit()
      // Also when the commit fails: what the file holds is not known then.
      this.#revision += 1
      this.#database.exec('COMMIT')
      this.commits.add(group.length)
    } catch (error) {
      failure = this.#classify(error)
      this.#rollBack()
    }
    for (const waiting of group) waiting.settle(failure)
  }

  /** Waits for another process without holding up this one: reads, and everything else, go on meanwhile. */
  async #begin(): Promise<void> {
    const deadline = performance.now() + this.#options.busyTimeoutMs
    for (;;) {
      try {
        return this.#database.exec('BEGIN IMMEDIATE')
      } catch (error) {
        if (!hasErrcode(error, SQLITE_BUSY) || performance.now() >= deadline) throw error
      }
      await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN_MS))
    }
  }

  /** Tells failures that certainly changed nothing, which may be tried again, from those after which the disk can't be trusted. */
  #classify(error: unknown): unknown {
    if (error instanceof DatabaseUnusableError) return error
    if (hasErrcode(error, SQLITE_BUSY)) return new DatabaseBusyError(error)
    if (hasErrcode(error, SQLITE_FULL)) return new DatabaseFullError(error)
    this.#commitError = error
    return error
  }

  #rollBack(): void {
    try {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
    } catch (error) {
      this.#commitError ??= error
    }
  }

  async #runInSavepoint<T>(work: Work<T>): Promise<{ value: T } | { error: unknown }> {
    const connection = new SavepointConnection(this.#connection, this.#database)
    this.#savepoint.run()
    try {
      const trx = transactionOn(connection)
      const events: Event[] = []
      const value = await work(trx, { append: event => events.push(event) })
      await insertEvents(trx, events)
      if (connection.rolledBackBy !== undefined) throw connection.rolledBackBy
      this.#release.run()
      return { value }
    } catch (error) {
      // SQLite has rolled back the whole group: what the others did is gone as well.
      if (connection.rolledBackBy !== undefined) throw connection.rolledBackBy
      this.#database.exec('ROLLBACK TO work')
      this.#release.run()
      // A full disk doesn't always cost the group: a statement that finds no room may be all that SQLite takes back.
      return { error: hasErrcode(error, SQLITE_FULL) ? new DatabaseFullError(error) : error }
    } finally {
      connection.end()
    }
  }
}

function hasErrcode(error: unknown, errcode: number): boolean {
  // The code may be extended, such as "busy because of a recovery": its low byte says what it is at heart.
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === errcode
}

/** Refuses queries after its transaction has ended: a forgotten `await` must not end up in someone else's transaction. */
class SavepointConnection implements DatabaseConnection {
  readonly #connection: DatabaseConnection
  readonly #database: DatabaseSync
  #ended = false
  #rolledBackBy: unknown

  constructor(connection: DatabaseConnection, database: DatabaseSync) {
    this.#connection = connection
    this.#database = database
  }

  /**
   * The error, such as a full disk, after which SQLite itself took back the whole transaction. What came after it would be written at
   * once and on its own, so nothing may.
   */
  get rolledBackBy(): unknown {
    return this.#rolledBackBy
  }

  end(): void {
    this.#ended = true
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#ended) return Promise.reject(new Error('query after the end of its transaction'))
    if (this.#rolledBackBy !== undefined) return Promise.reject(this.#rolledBackBy)
    // SQLite answers at once, so the transaction is looked at before anything else can happen.
    const result = this.#connection.executeQuery<R>(query)
    if (!this.#database.isTransaction) {
      return result.catch(error => {
        this.#rolledBackBy = error
        throw error
      })
    }
    return result
  }

  streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    if (this.#ended) throw new Error('query after the end of its transaction')
    return this.#connection.streamQuery<R>(query, chunkSize)
  }
}
