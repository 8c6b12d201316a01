/** Connections to PostgreSQL: how they are opened, and how long anything on them may take. */
import { setImmediate as endOfTurn } from 'node:timers/promises'
import pg from 'pg'
import type { QueryRunner } from './postgresql-driver.ts'
import { translate } from './postgresql-errors.ts'

/** How long one statement may take before the server counts as not answering, in ms. */
const QUERY_TIMEOUT_MS = 6000
/** How long a connection may take to be there, in ms. */
const CONNECT_TIMEOUT_MS = 3000
/** How long a statement may wait for a lock, in ms. */
export const LOCK_MS = 5000
/** How long a transaction may stand idle before the server ends it, in ms: its process is suspended, and others wait for its locks. */
const IDLE_IN_TRANSACTION_MS = 6000

const INT8 = pg.types.builtins.INT8
const NUMERIC = pg.types.builtins.NUMERIC

/** 64-bit numbers become numbers, and one that a double would round is an error, never a wrong number. */
function parseInteger(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new RangeError(`the database holds ${text}, which no number here can hold`)
  return number
}

const types: pg.CustomTypesConfig = {
  getTypeParser(oid, format) {
    if (oid === INT8 || oid === NUMERIC) return parseInteger
    return pg.types.getTypeParser(oid, format)
  },
}

const base = (url: string): pg.ClientConfig => ({
  connectionString: url,
  types,
  keepAlive: true,
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  application_name: 'holotype',
})

/** For requests: nothing on it may take long. */
export function createPool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    ...base(url),
    max,
    query_timeout: QUERY_TIMEOUT_MS,
    statement_timeout: QUERY_TIMEOUT_MS,
    lock_timeout: LOCK_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    pipeline: true,
  } as pg.PoolConfig)
  // An idle connection that breaks leaves the pool by itself; the next query opens another.
  pool.on('error', () => {})
  // One that breaks while it is in use fails its queries, which is all that its user needs to know: without a listener it would end the process.
  pool.on('connect', client => client.on('error', () => {}))
  return pool
}

/** For long work such as migrations and copies. The caller ends it. */
export async function connectAlone(url: string): Promise<pg.Client> {
  const client = new pg.Client(base(url))
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

export function runnerOf(client: pg.ClientBase | pg.Pool): QueryRunner {
  return { query: (text, values) => client.query(text, values as unknown[]) }
}

/**
 * Reading: each query takes the connection that is free first, and a failure is one that callers know. Those who ask the same in one turn of the
 * event loop, as requests with one key do, share an answer. It is asked for after the turn, so it is older than none of them.
 */
export function readingRunner(pool: pg.Pool): QueryRunner {
  const asked = new Map<string, ReturnType<QueryRunner['query']>>()
  const ask = async (text: string, values: readonly unknown[]) => {
    await endOfTurn()
    asked.clear()
    try {
      return await pool.query(text, values as unknown[])
    } catch (error) {
      throw translate(error)
    }
  }
  return {
    query(text, values) {
      const question = JSON.stringify([text, values])
      const answer = asked.get(question) ?? ask(text, values)
      asked.set(question, answer)
      return answer
    },
  }
}
