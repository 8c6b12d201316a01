/**
 * Writing on PostgreSQL. Works that wait at the same time share a transaction: they run in it one after the other and are all answered after its
 * commit. There are no savepoints between them, for they would cost as much as the work. So when one fails after it has written something, or
 * meets another process by a lock or a conflict, the transaction is rolled back and each work runs alone, where it may wait and be repeated
 * without holding up the others.
 */
import { setImmediate as endOfTurn, setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import type { Event } from '../../domain/event.ts'
import { CommitUnknownError, createCommitDistribution, DatabaseBusyError, type Work } from '../database.ts'
import { insertEvents } from '../events.ts'
import { LOCK_MS, runnerOf } from './connections.ts'
import type { PostgresqlKysely, QueryRunner } from './postgresql-driver.ts'
import { isConflict, isConnectionLost, isLockTimeout, translate } from './postgresql-errors.ts'

/** Transactions of one group: while one process commits them, another waits for their locks. */
const GROUP_MAX = 32
/** Groups at a time: while one commits, the other does its queries. */
const GROUPS = 2
/** How long a member of a group may wait for a lock, in ms. */
const GROUP_LOCK_MS = 30
/** How often a transaction alone is repeated after conflicts. */
const ATTEMPTS = 12

/** The lock under which events are inserted and committed, so that their numbers are in the order of the commits: "events" in ASCII. */
const EVENT_LOCK = BigInt('0x6576656e7473').toString()

type Outcome = { value: unknown } | { error: unknown }

interface Member {
  work: Work<unknown>
  settle(outcome: Outcome): void
}

export class Transactions {
  readonly commits = createCommitDistribution()
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
      this.#startGroup()
    })
  }

  #startGroup(): void {
    if (this.#queue.length === 0 || this.#running.size >= GROUPS) return
    const running = this.#drain().finally(() => {
      this.#running.delete(running)
      // Another one may have come since the last look at the queue.
      this.#startGroup()
    })
    this.#running.add(running)
  }

  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#collect()
      const members = this.#queue.splice(0, GROUP_MAX)
      const [first] = members
      if (members.length === 1 && first) await this.#runAlone(first)
      // The other group may have taken all meanwhile.
      else if (first) await this.#runGroup(members)
    }
  }

  /**
   * Waits while each turn of the event loop brings more: those who were answered together ask again one after the other, and in a transaction each
   * they would cost twice as much.
   */
  async #collect(): Promise<void> {
    let collected: number
    do {
      collected = this.#queue.length
      await endOfTurn()
    } while (this.#queue.length > collected && this.#queue.length < GROUP_MAX)
  }

  async #runGroup(members: Member[]): Promise<void> {
    let outcomes: Outcome[] | undefined
    try {
      outcomes = await this.#onConnection(client => this.#commitGroup(client, members))
    } catch (error) {
      if (!(error instanceof GroupFailedError) && !isConflict(error) && !isLockTimeout(error)) {
        return this.#fail(members, error)
      }
    }
    for (const [index, member] of members.entries()) {
      const outcome = outcomes?.[index]
      if (outcome) member.settle(outcome)
      else await this.#runAlone(member)
    }
  }

  async #commitGroup(client: pg.PoolClient, members: Member[]): Promise<Outcome[]> {
    void send(client, `begin isolation level read committed; set local lock_timeout = ${GROUP_LOCK_MS}`)
    const outcomes: Outcome[] = []
    const events: Event[] = []
    for (const { work } of members) {
      const runner = new TransactionRunner(client)
      try {
        const own: Event[] = []
        outcomes.push({ value: await this.#perform(runner, work, own) })
        events.push(...own)
      } catch (error) {
        if (isConnectionLost(error)) throw error
        // Nothing of it is in the transaction: the others can go on.
        if (runner.hasWritten || runner.hasFailed) throw new GroupFailedError(error)
        outcomes.push({ error })
      } finally {
        runner.end()
      }
    }
    void send(client, `set local lock_timeout = ${LOCK_MS}`)
    await this.#commit(client, events)
    this.commits.add(members.length)
    return outcomes
  }

  async #perform<T>(runner: TransactionRunner, work: Work<T>, events: Event[]): Promise<T> {
    return await work(this.#kysely.transactionOn(runner), { append: event => events.push(event) })
  }

  async #runAlone(member: Member): Promise<void> {
    const { work, settle } = member
    for (let attempt = 1; ; attempt++) {
      try {
        return settle({ value: await this.#onConnection(client => this.#commitAlone(client, work)) })
      } catch (error) {
        if (!isConflict(error)) return this.#fail([member], error)
        if (attempt === ATTEMPTS) return settle({ error: new DatabaseBusyError(error) })
      }
      // Two that met once must not meet again at the same pace.
      await setTimeout(Math.random() * 5 * attempt)
    }
  }

  /** When the database does not answer, those that wait are told at once: each would wait for its own time limit, one after the other. */
  #fail(members: Member[], error: unknown): void {
    for (const { settle } of members) settle({ error: translate(error) })
    if (!isConnectionLost(error)) return
    for (const { settle } of this.#queue.splice(0)) settle({ error: translate(error) })
  }

  async #commitAlone(client: pg.PoolClient, work: Work<unknown>): Promise<unknown> {
    const runner = new TransactionRunner(client)
    const events: Event[] = []
    void send(client, 'begin isolation level read committed')
    try {
      const value = await this.#perform(runner, work, events)
      await this.#commit(client, events)
      this.commits.add(1)
      return value
    } finally {
      runner.end()
    }
  }

  /**
   * Events last, under their lock: all that is slow is done by now, and what holds this lock waits for nothing but its commit. The statements go out
   * together; when one fails, PostgreSQL refuses those after it and answers the commit with a rollback.
   */
  async #commit(client: pg.PoolClient, events: Event[]): Promise<void> {
    const sent: Array<Promise<unknown>> = []
    if (events.length > 0) {
      sent.push(send(client, `select pg_advisory_xact_lock(${EVENT_LOCK})`))
      sent.push(insertEvents(this.#kysely.transactionOn(runnerOf(client)), events))
    }
    const committed = client.query('commit')
    const [answer] = await Promise.allSettled([committed, ...sent])
    if (answer.status === 'rejected') {
      throw isConnectionLost(answer.reason) ? new CommitUnknownError(answer.reason) : answer.reason
    }
    // The first failure says why the commit was answered with a rollback: nothing was kept.
    await Promise.all(sent)
    if (answer.value.command !== 'COMMIT') throw new Error(`the database answered ${answer.value.command} to a commit`)
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

/** Sends a statement ahead of the next one, which need not wait for its answer. A failure shows when the result is awaited, or in the next one. */
function send(client: pg.PoolClient, text: string): Promise<unknown> {
  const sent = client.query(text)
  sent.catch(() => {})
  return sent
}

/** A work of a group failed in a way that takes the others with it. They are to be run alone. */
class GroupFailedError extends Error {
  override readonly name = 'GroupFailedError'
  constructor(cause: unknown) {
    super('a transaction failed after it had written something', { cause })
  }
}

/** Refuses queries after the end of its work: a forgotten `await` must not end up in another work. Knows what the work has done so far. */
class TransactionRunner implements QueryRunner {
  readonly #runner: QueryRunner
  #ended = false
  hasWritten = false
  hasFailed = false

  constructor(client: pg.PoolClient) {
    this.#runner = runnerOf(client)
  }

  end(): void {
    this.#ended = true
  }

  async query(text: string, values: readonly unknown[]) {
    if (this.#ended) throw new Error('query after the end of its transaction')
    this.hasWritten ||= !/^select /i.test(text)
    try {
      return await this.#runner.query(text, values)
    } catch (error) {
      this.hasFailed = true
      throw error
    }
  }
}
