/** Kysely over Node's own SQLite. Kysely ships no dialect for `node:sqlite`; this is the whole difference. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import {
  type CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Schema } from './schema.ts'

/** One open database file. Statements are prepared once and kept: preparing costs more than most of our reads. */
export class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, { statement: StatementSync; returnsRows: boolean }>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  // Not `async`: SQLite answers at once, and each needless promise shows in the time of a request.
  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      return Promise.resolve(this.#run(query))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    const { statement } = this.#prepare(query.sql)
    for (const row of statement.iterate(...parametersOf(query))) yield { rows: [row as R] }
  }

  #run<R>(query: CompiledQuery): QueryResult<R> {
    const { statement, returnsRows } = this.#prepare(query.sql)
    if (returnsRows) return { rows: statement.all(...parametersOf(query)) as R[] }
    const { changes, lastInsertRowid } = statement.run(...parametersOf(query))
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  #prepare(sql: string) {
    const known = this.#statements.get(sql)
    if (known) return known
    const statement = this.#database.prepare(sql)
    const prepared = { statement, returnsRows: statement.columns().length > 0 }
    // The set of queries is small and fixed; only lists of varying length (`in (?, ?, …)`) could make it grow.
    if (this.#statements.size >= 1000) this.#statements.clear()
    this.#statements.set(sql, prepared)
    return prepared
  }
}

function parametersOf(query: CompiledQuery): SQLInputValue[] {
  return query.parameters as SQLInputValue[]
}

/**
 * A Kysely on one connection. Transactions are not begun here: whoever owns the connection decides where they start and end.
 *
 * Queries go straight to the connection. Kysely's own way leads through a queue for the one connection, which SQLite doesn't need: it
 * has answered before anyone else can ask. That queue cost more than a read of one row.
 */
export function kyselyOn(connection: DatabaseConnection): Kysely<Schema> {
  const executor = new DefaultQueryExecutor(compiler, adapter, { provideConnection: use => use(connection) })
  return new Kysely<Schema>({ config: { dialect }, dialect, driver, executor })
}

const adapter = new SqliteAdapter()
const compiler = new SqliteQueryCompiler()

const driver: Driver = {
  init: async () => {},
  acquireConnection: refuse,
  releaseConnection: refuse,
  beginTransaction: refuse,
  commitTransaction: refuse,
  rollbackTransaction: refuse,
  destroy: async () => {},
}

const dialect: Dialect = {
  createAdapter: () => adapter,
  createDriver: () => driver,
  createIntrospector: database => new SqliteIntrospector(database),
  createQueryCompiler: () => compiler,
}

async function refuse(): Promise<never> {
  throw new Error('use Database.transaction')
}
