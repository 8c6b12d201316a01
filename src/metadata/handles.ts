/**
 * Kysely on connections that are ours. Kysely only builds the queries: where a connection comes from, and where a transaction starts and ends, is
 * decided by the database.
 */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  DefaultQueryExecutor,
  type DialectAdapter,
  type Driver,
  Kysely,
  Transaction as KyselyTransaction,
  type QueryCompiler,
  type QueryResult,
} from 'kysely'
import type { Reader, Transaction } from './database.ts'
import { type Dialect, registerDialect } from './dialect.ts'
import type { Schema } from './schema.ts'

export interface Handles {
  readerOn(connection: DatabaseConnection): Reader
  /** It is not begun here: the owner of the connection does that. */
  transactionOn(connection: DatabaseConnection): Transaction
}

interface HandleParts {
  dialect: Dialect
  adapter: DialectAdapter
  compiler: QueryCompiler
  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector
}

export function createHandles({ dialect, adapter, compiler, createIntrospector }: HandleParts): Handles {
  registerDialect(adapter, dialect)
  const kyselyDialect = {
    createAdapter: () => adapter,
    createDriver: () => driver,
    createIntrospector,
    createQueryCompiler: () => compiler,
  }
  const propsOf = (connection: DatabaseConnection) => ({
    config: { dialect: kyselyDialect },
    dialect: kyselyDialect,
    driver,
    executor: new StraightExecutor(compiler, adapter, connection),
  })
  return {
    readerOn: connection => new Kysely<Schema>(propsOf(connection)),
    transactionOn: connection => new KyselyTransaction<Schema>(propsOf(connection)),
  }
}

/**
 * Queries go straight to the connection, past Kysely's plugins too: there are none. Kysely's own way leads through a queue for a connection,
 * which cost more than a read of one row.
 */
class StraightExecutor extends DefaultQueryExecutor {
  readonly #connection: DatabaseConnection

  constructor(compiler: QueryCompiler, adapter: DialectAdapter, connection: DatabaseConnection) {
    super(compiler, adapter, { provideConnection: use => use(connection) })
    this.#connection = connection
  }

  override executeQuery<R>(query: CompiledQuery<unknown>): Promise<QueryResult<R>> {
    return this.#connection.executeQuery<R>(query)
  }
}

const driver: Driver = {
  init: async () => {},
  acquireConnection: refuse,
  releaseConnection: refuse,
  beginTransaction: refuse,
  commitTransaction: refuse,
  rollbackTransaction: refuse,
  destroy: async () => {},
}

async function refuse(): Promise<never> {
  throw new Error('use Database.transaction')
}
