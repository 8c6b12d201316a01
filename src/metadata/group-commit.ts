/**
 * Durability costs one fsync per commit, and a disk does few of those. So transactions that wait at the same time share a commit: each
 * runs as a savepoint of one outer transaction, and all are answered after the one fsync. A transaction that fails takes back only its
 * own savepoint; if the commit itself fails, every one of them fails.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import type { Queryable } from './database.ts'
import { kyselyOn } from './sqlite-driver.ts'

interface Waiting {
  run(): Promise<void>
  settle(commitError: unknown): void
}

/** Bounds how long the first of a group waits for the last. */
const GROUP_MAX = 256

export class GroupCommit {
  readonly #database: DatabaseSync
  readonly #connection: DatabaseConnection
  #queue: Waiting[] = []
  #draining: Promise<void> | undefined
  #commitError: unknown

  constructor(database: DatabaseSync, connection: DatabaseConnection) {
    this.#database = database
    this.#connection = connection
  }

  /** The error of the last failed commit: after one, what the disk holds is not known, and the database must be opened anew. */
  get commitError(): unknown {
    return this.#commitError
  }

  transaction<T>(work: (trx: Queryable) => Promise<T>): Promise<T> {
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
      // One turn of the event loop, so that every request that has already arrived joins this group.
      await new Promise(resolve => setImmediate(resolve))
      await this.#commitGroup(this.#queue.splice(0, GROUP_MAX))
    }
    this.#draining = undefined
  }

  async #commitGroup(group: Waiting[]): Promise<void> {
    let commitError: unknown
    try {
      if (this.#commitError !== undefined) throw this.#commitError
      this.#database.exec('BEGIN IMMEDIATE')
      for (const waiting of group) await waiting.run()
      this.#database.exec('COMMIT')
    } catch (error) {
      commitError = error
      this.#commitError = isBusy(error) ? undefined : error
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
    }
    for (const waiting of group) waiting.settle(commitError)
  }

  async #runInSavepoint<T>(work: (trx: Queryable) => Promise<T>): Promise<{ value: T } | { error: unknown }> {
    const connection = new SavepointConnection(this.#connection)
    this.#database.exec('SAVEPOINT work')
    try {
      const value = await work(kyselyOn(connection))
      this.#database.exec('RELEASE work')
      return { value }
    } catch (error) {
      this.#database.exec('ROLLBACK TO work')
      this.#database.exec('RELEASE work')
      return { error }
    } finally {
      connection.end()
    }
  }
}

/** Another process (a backup, a verification) held the lock for longer than the time-out: nothing is wrong with the disk. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5
}

/** Refuses queries after its transaction has ended: a forgotten `await` must not end up in someone else's transaction. */
class SavepointConnection implements DatabaseConnection {
  readonly #connection: DatabaseConnection
  #ended = false

  constructor(connection: DatabaseConnection) {
    this.#connection = connection
  }

  end(): void {
    this.#ended = true
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#ended) return Promise.reject(new Error('query after the end of its transaction'))
    return this.#connection.executeQuery<R>(query)
  }

  streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    if (this.#ended) throw new Error('query after the end of its transaction')
    return this.#connection.streamQuery<R>(query, chunkSize)
  }
}
