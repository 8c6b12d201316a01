/** What the databases do in different ways, beyond the SQL that Kysely writes for each. */
import type { DialectAdapter, Expression, RawBuilder } from 'kysely'
import type { Slice } from '../domain/paging.ts'
import type { Reader, Transaction } from './database.ts'

export interface TextSearch {
  teamId: string
  /** Folded, at least `SEARCH_INDEX_MIN` characters. */
  part: string
}

export interface Dialect {
  /** Migration steps that are different SQL on each database. */
  createSearchIndex(trx: Transaction): Promise<void>
  /** Keeps the search index in step with a model's row, in the same transaction. */
  indexModel(trx: Transaction, model: { id: string; searchText: string }): Promise<void>
  unindexModel(trx: Transaction, id: string): Promise<void>
  /** Whether a text contains a part, byte for byte. Not LIKE: on texts that almost match everywhere it takes a hundred times as long. */
  contains(text: Expression<string>, part: string): RawBuilder<boolean>
  /**
   * The positions of models whose search text contains a part, in the order of the slice. Undefined when the database has no index
   * for it: then the caller looks through a bounded number of rows.
   */
  searchModels(db: Reader, search: TextSearch, slice: Slice<number>): Promise<number[] | undefined>
  /** The tables that the catalogue of the database has, with their columns, without those that belong to the database itself. */
  listColumns(db: Reader): Promise<Map<string, string[]>>
  /** The greatest `seq` that was ever given out in a table; 0 when none was. */
  readSequence(db: Reader, table: string): Promise<number>
  /** The next `seq` of a table comes after this one. */
  moveSequence(trx: Transaction, table: string, seq: number): Promise<void>
}

/** Shorter parts have no trigram, so no index knows them. */
export const SEARCH_INDEX_MIN = 3

const dialects = new WeakMap<DialectAdapter, Dialect>()

/** For the drivers: each names its dialect once. */
export function registerDialect(adapter: DialectAdapter, dialect: Dialect): void {
  dialects.set(adapter, dialect)
}

export function dialectOf(db: Reader): Dialect {
  const dialect = dialects.get(db.getExecutor().adapter)
  if (!dialect) throw new Error('this database has no dialect of ours')
  return dialect
}
