/** What the databases do in different ways, beyond the SQL that Kysely writes for each. */
import type { DialectAdapter, Expression, RawBuilder } from 'kysely'
import type { Slice } from '../domain/paging.ts'
import type { Reader, Transaction } from './database.ts'

export interface TextSearch {
  teamId: string
  /** Folded, at least `SEARCH_INDEX_MIN` characters. */
  part: string
}

/** Shared with all who ask for the same, or alone. */
export type LockMode = 'shared' | 'alone'

export interface Dialect {
  /**
   * Locks a name until the end of the transaction. Who waits for it alone goes before those who ask later to share it, which PostgreSQL does not
   * promise for rows: there, sharers who keep coming would keep out the one who wants it alone. Changes nothing where transactions run one by one.
   */
  lockName(trx: Transaction, name: string, mode: LockMode): Promise<void>
  /** A migration step that is different SQL on each database: makes the index of the models there are. */
  createSearchIndex(trx: Transaction): Promise<void>
  /** Keeps the search index in step with a model's row, in the same transaction. */
  indexModel(trx: Transaction, model: { id: string; searchText: string }): Promise<void>
  unindexModel(trx: Transaction, id: string): Promise<void>
  /** Whether a text contains a part, byte for byte. Not LIKE: on texts that almost match everywhere it takes a hundred times as long. */
  contains(text: Expression<string>, part: string): RawBuilder<boolean>
  /**
   * Looks for models whose search text contains a part, in the order of the slice and for a bounded time. Undefined when the database has
   * no index that answers this in that time: then the caller looks through a bounded number of rows.
   */
  searchModels(db: Reader, search: TextSearch, slice: Slice<number>): Promise<Found | undefined>
  /** The tables that the catalogue of the database has, with their columns, without those that belong to the database itself. */
  listColumns(db: Reader): Promise<Map<string, string[]>>
  /** The greatest `seq` that was ever given out in a table; 0 when none was. */
  readSequence(db: Reader, table: string): Promise<number>
  /** The next `seq` of a table comes after this one. */
  moveSequence(trx: Transaction, table: string, seq: number): Promise<void>
}

/** What an index has found. */
export interface Found {
  /** At most as many as were asked for. */
  positions: number[]
  /** How far it has looked: there may be more behind this position. Undefined at the end. */
  next: number | undefined
}

/**
 * The trigrams that an index is asked for: enough of them to cover the part. What has them all may still lack the part, so it is looked at
 * afterwards.
 */
export function trigramsOf(part: string): string[] {
  const characters = [...part]
  const last = characters.length - 3
  const starts = Array.from({ length: Math.ceil(last / 3) }, (_, index) => index * 3)
  const trigrams = [...starts, last].map(start => characters.slice(start, start + 3).join(''))
  return [...new Set(trigrams)].slice(0, TRIGRAMS_MAX)
}

/** More of them make a search slower without making it find less. */
const TRIGRAMS_MAX = 16

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
