import { type SelectQueryBuilder, sql } from 'kysely'
import type { Rows, Slice, SortOrder } from '../domain/paging.ts'
import type { Schema } from './schema.ts'

/** Cuts a slice out of a query: rows after a position in the order of `column`, which must be unique, and one more than asked for. */
export function inSlice<Tables extends keyof Schema, Row, Position extends string | number>(
  query: SelectQueryBuilder<Schema, Tables, Row>,
  column: string,
  slice: Slice<Position>,
): SelectQueryBuilder<Schema, Tables, Row> {
  const position = sql.ref<Position>(column)
  const ordered = query.orderBy(position, slice.order).limit(slice.limit + 1)
  if (slice.after === undefined) return ordered
  return ordered.where(sql<boolean>`${position} ${slice.order === 'asc' ? sql`>` : sql`<`} ${slice.after}`)
}

/**
 * Turns the rows of a query that asked for one more than `limit` into a page: the extra row only tells that there is another page.
 * `position` is where the next page begins: after the last row shown.
 */
export function toRows<Row, T, Position>(
  rows: Row[],
  limit: number,
  map: (row: Row) => T,
  position: (row: Row) => Position,
): Rows<T, Position> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(map), next: rows.length > limit && last !== undefined ? position(last) : undefined }
}

export function sortPositions(positions: number[], order: SortOrder): number[] {
  return positions.sort(order === 'asc' ? (a, b) => a - b : (a, b) => b - a)
}
