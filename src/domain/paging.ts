/**
 * Lists are paged by position ("after this row"), never by offset, so that a page costs the same wherever it is and nothing is shown
 * twice or skipped while others create and delete.
 */
export const PAGE_LIMIT_DEFAULT = 50
/** The contract's own maximum. */
export const PAGE_LIMIT_MAX = 120
/** For lists that the contract doesn't have: versions, files, aliases, events, keys, users and teams. */
export const LONG_PAGE_LIMIT_MAX = 1000

export type SortOrder = 'asc' | 'desc'

/** What a caller asks for. `after` is the cursor of an earlier page. */
export interface PageRequest {
  after?: string | undefined
  limit?: number | undefined
  order?: SortOrder | undefined
}

export interface Page<T> {
  items: T[]
  /** The cursor of the next page, or null when this is the last. */
  nextPage: string | null
}

/** What a query needs: rows after `after` in `order`, `limit` of them. */
export interface Slice<Position> {
  after: Position | undefined
  limit: number
  order: SortOrder
}

/** A query's answer: up to `limit` rows, and where the next page begins. */
export interface Rows<T, Position> {
  items: T[]
  next: Position | undefined
}
