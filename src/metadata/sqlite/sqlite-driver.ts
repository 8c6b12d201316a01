/** Kysely over Node's own SQLite. Kysely ships no dialect for `node:sqlite`; this is the whole difference. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type QueryResult,
  type SelectModifierNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { createHandles } from '../handles.ts'
import { sqliteDialect } from './sqlite-dialect.ts'

/** One open database file. Statements are prepared once and kept: preparing costs more than most of our reads. */
export class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, { statement: StatementSync; columns: string[] }>()

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
    const { statement, columns } = this.#prepare(query.sql)
    for (const values of statement.iterate(...parametersOf(query))) yield { rows: [toRow(columns, values)] }
  }

  #run<R>(query: CompiledQuery): QueryResult<R> {
    const { statement, columns } = this.#prepare(query.sql)
    if (columns.length > 0) return { rows: statement.all(...parametersOf(query)).map(row => toRow<R>(columns, row)) }
    const { changes, lastInsertRowid } = statement.run(...parametersOf(query))
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  #prepare(sql: string) {
    const known = this.#statements.get(sql)
    if (known) return known
    const statement = this.#database.prepare(sql)
    const prepared = { statement, columns: statement.columns().map(column => column.name) }
    if (prepared.columns.length > 0) statement.setReturnArrays(true)
    // The set of queries is small and fixed; only lists of varying length (`in (?, ?, …)`) could make it grow.
    if (this.#statements.size >= 1000) this.#statements.clear()
    this.#statements.set(sql, prepared)
    return prepared
  }
}

/**
 * Rows come as arrays and become objects here. SQLite's own objects are dictionaries without a prototype: reading a row's columns from one
 * costs more than fetching the row.
 */
function toRow<R>(columns: string[], values: unknown): R {
  const row: Record<string, unknown> = {}
  for (let index = 0; index < columns.length; index++) row[columns[index] as string] = (values as unknown[])[index]
  return row as R
}

function parametersOf(query: CompiledQuery): SQLInputValue[] {
  return query.parameters as SQLInputValue[]
}

/**
 * Reads of one turn of the event loop share a snapshot, for opening and closing one costs as much as reading a row. No read is older than
 * the turn it is in, and none is older than the last commit of this process: whoever commits calls `endSnapshot` first.
 */
export class SnapshotConnection extends SqliteConnection {
  readonly #reader: DatabaseSync
  readonly #begin: StatementSync
  readonly #end: StatementSync
  #isOpen = false

  constructor(database: DatabaseSync) {
    super(database)
    this.#reader = database
    this.#begin = database.prepare('BEGIN')
    this.#end = database.prepare('COMMIT')
  }

  override executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      this.#beginSnapshot()
      return super.executeQuery(query)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #beginSnapshot(): void {
    if (this.#isOpen) return
    this.#begin.run()
    this.#isOpen = true
    setImmediate(() => this.endSnapshot())
  }

  endSnapshot(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    // After a read error SQLite may have ended it already.
    if (this.#reader.isTransaction) this.#end.run()
  }
}

/** SQLite has one writer, so a row that a transaction reads is locked already: `for update` and `skip locked` are left out. */
class LockFreeCompiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier === undefined || !/^(For|Skip)/.test(node.modifier)) super.visitSelectModifier(node)
  }
}

export const { readerOn, transactionOn } = createHandles({
  dialect: sqliteDialect,
  adapter: new SqliteAdapter(),
  compiler: new LockFreeCompiler(),
  createIntrospector: db => new SqliteIntrospector(db),
})
