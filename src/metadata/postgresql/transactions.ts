/**
 * Writing on PostgreSQL. Transactions that wait at the same time share a commit, as on SQLite: each runs as a savepoint of one outer
 * transaction, and all are answered after it. One that meets another process, by a lock or a conflict, leaves the group and runs alone, where it
 * may wait and be repeated without holding up the others.
 */
import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import type { Event } from '../../domain/event.ts'
import { CommitUnknownError, DatabaseBusyError, type Work } from '../database.ts'
import { insertEvents } from '../events.ts'
import { runnerOf } from './connections.ts'
import type { PostgresqlKysely, QueryRunner } from './postgresql-driver.ts'
import { isConflict, isConnectionLost, isLockTimeout, translate } from './postgresql-errors.ts'

/** Transactions of one group: while one process commits them, another waits for their locks. */
const GROUP_MAX = 32
/** Groups at a time: while one commits, the other does its queries. */
const GROUPS = 2
/** How long a member of a group may wait for a lock, in ms. */
const GROUP_LOCK_MS = 30
/** How long a transaction alone may wait for a lock, in ms. */
const LOCK_MS = 5000
/** How often a transaction alone is repeated after conflicts. */
const ATTEMPTS = 12

/** The lock under which events are inserted and committed, so that their numbers are in the order of the commits: "events" in ASCII. */
const EVENT_LOCK = BigInt('0x6576656e7473').toString()

type Outcome = { value: unknown } | { error: unknown } | 'alone'

interface Member {
  work: Work<unknown>
  settle(outcome: { value: unknown } | { error: unknown }): void
}

export class Transactions {
  readonly #pool: pg.Pool
  readonly #kysely: PostgresqlKysely
  readonly #running = new Set<Promise<void>>()
  #queue: Member[] = []

  constructor(pool: pg.Pool, kysely: PostgresqlKysely) {
    this.#pool = pool
    this.#kysely = kysely
  }

  run<T>(work: Work<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({
        work,
        settle: outcome => ('error' in outcome ? reject(outcome.error) : resolve(outcome.value as T)),
      })
      if (this.#running.size >= GROUPS) return
      const running = this.#drain().finally(() => this.#running.delete(running))
      this.#running.add(running)
    })
  }

  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const members = this.#queue.splice(0, GROUP_MAX)
      const [first] = members
      if (first && members.length === 1) await this.#runAlone(first)
      else await this.#runGroup(members)
    }
  }

  async #runGroup(members: Member[]): Promise<void> {
    const alone: Member[] = []
    try {
      const outcomes = await this.#onConnection(client => this.#commitGroup(client, members))
      for (const [index, member] of members.entries()) {
        const outcome = outcomes[index] ?? 'alone'
        if (outcome === 'alone') alone.push(member)
        else member.settle(outcome)
      }
    } catch (error) {
      // The group as a whole met another process: nothing of it was kept, and each member may try by itself.
      if (isConflict(error) || isLockTimeout(error)) alone.push(...members)
      else for (const member of members) member.settle({ error: translate(error) })
    }
    for (const member of alone) await this.#runAlone(member)
  }

  async #commitGroup(client: pg.PoolClient, members: Member[]): Promise<Outcome[]> {
    await begin(client, GROUP_LOCK_MS)
    const outcomes: Outcome[] = []
    const events: Event[] = []
    for (const { work } of members) {
      const outcome = await this.#runInSavepoint(client, work)
      outcomes.push(outcome.outcome)
      events.push(...outcome.events)
    }
    await this.#commit(client, events)
    return outcomes
  }

  async #runInSavepoint(client: pg.PoolClient, work: Work<unknown>): Promise<{ outcome: Outcome; events: Event[] }> {
    const runner = new TransactionRunner(client)
    const events: Event[] = []
    // Not waited for: it goes out together with the first query of the work.
    const savepoint = client.query('savepoint work')
    try {
      const [value] = await Promise.all([
        work(this.#kysely.transactionOn(runner), { append: event => events.push(event) }),
        savepoint,
      ])
      await client.query('release savepoint work')
      return { outcome: { value }, events }
    } catch (error) {
      if (isConnectionLost(error)) throw error
      await savepoint
      await client.query('rollback to savepoint work')
      const outcome = isConflict(error) || isLockTimeout(error) ? 'alone' : { error: translate(error) }
      return { outcome, events: [] }
    } finally {
      runner.end()
    }
  }

  async #runAlone({ work, settle }: Member): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return settle({ value: await this.#onConnection(client => this.#commitAlone(client, work)) })
      } catch (error) {
        if (!isConflict(error)) return settle({ error: translate(error) })
        if (attempt === ATTEMPTS) return settle({ error: new DatabaseBusyError(error) })
      }
      // Two that met once must not meet again at the same pace.
      await setTimeout(Math.random() * 5 * attempt)
    }
  }

  async #commitAlone(client: pg.PoolClient, work: Work<unknown>): Promise<unknown> {
    const runner = new TransactionRunner(client)
    const events: Event[] = []
    await begin(client, LOCK_MS)
    try {
      const value = await work(this.#kysely.transactionOn(runner), { append: event => events.push(event) })
      await this.#commit(client, events)
      return value
    } finally {
      runner.end()
    }
  }

  /** Events last, under their lock: all that is slow is done by now, and whoever holds this lock waits for nothing but its commit. */
  async #commit(client: pg.PoolClient, events: Event[]): Promise<void> {
    if (events.length > 0) {
      await client.query(`set local lock_timeout = ${LOCK_MS}`)
      await client.query('select pg_advisory_xact_lock($1)', [EVENT_LOCK])
      await insertEvents(this.#kysely.transactionOn(runnerOf(client)), events)
    }
    const answer = await client.query('commit').catch((error: unknown) => {
      throw isConnectionLost(error) ? new CommitUnknownError(error) : error
    })
    // What PostgreSQL says when the transaction had failed before: nothing was kept.
    if (answer.command !== 'COMMIT') throw new Error(`the database answered ${answer.command} to a commit`)
  }

  /** A connection on which something failed is rolled back; one that doesn't even answer to that is thrown away. */
  async #onConnection<T>(use: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect()
    let isLost = false
    try {
      return await use(client)
    } catch (error) {
      isLost = error instanceof CommitUnknownError || isConnectionLost(error)
      if (!isLost) {
        await client.query('rollback').catch(() => {
          isLost = true
        })
      }
      throw error
    } finally {
      client.release(isLost)
    }
  }
}

async function begin(client: pg.PoolClient, lockMs: number): Promise<void> {
  await client.query(`begin isolation level read committed; set local lock_timeout = ${lockMs}`)
}

/** Refuses queries after its transaction has ended: a forgotten `await` must not end up in someone else's transaction. */
class TransactionRunner implements QueryRunner {
  readonly #runner: QueryRunner
  #ended = false

  constructor(client: pg.PoolClient) {
    this.#runner = runnerOf(client)
  }

  end(): void {
    this.#ended = true
  }

  async query(text: string, values: readonly unknown[]) {
    if (this.#ended) throw new Error('query after the end of its transaction')
    return await this.#runner.query(text, values)
  }
}
