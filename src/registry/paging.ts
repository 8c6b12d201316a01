/**
 * Lists are paged by position ("after this row"), never by offset, so that a page costs the same wherever it is and nothing is shown
 * twice or skipped while others create and delete.
 */
import { invalidArgument } from './errors.ts'

export const PAGE_LIMIT_DEFAULT = 50
/** The contract's own maximum. */
export const PAGE_LIMIT_MAX = 120

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

/** Pages of a list that grows in time. The position is the row's sequence number: creation order, with no ties. */
export async function pageBySequence<T>(
  request: PageRequest,
  query: (slice: Slice<number>) => Promise<Rows<T, number>>,
): Promise<Page<T>> {
  const after = request.after === undefined ? undefined : decodeSequence(request.after)
  const rows = await query({ after, limit: request.limit ?? PAGE_LIMIT_DEFAULT, order: request.order ?? 'desc' })
  return { items: rows.items, nextPage: rows.next === undefined ? null : `s${rows.next.toString(36)}` }
}

/** Pages of a list sorted by a text that is unique in it, such as the paths of a version. Ascending unless asked otherwise. */
export async function pageByText<T>(
  request: PageRequest,
  query: (slice: Slice<string>) => Promise<Rows<T, string>>,
): Promise<Page<T>> {
  const after = request.after === undefined ? undefined : decodeText(request.after)
  const rows = await query({ after, limit: request.limit ?? PAGE_LIMIT_DEFAULT, order: request.order ?? 'asc' })
  return {
    items: rows.items,
    nextPage: rows.next === undefined ? null : `t${Buffer.from(rows.next).toString('base64url')}`,
  }
}

// Cursors begin with a letter: the official Paperspace client (1.x) turns a string such as "2023" into a date.
function decodeSequence(cursor: string): number {
  const sequence = /^s[0-9a-z]{1,10}$/.test(cursor) ? Number.parseInt(cursor.slice(1), 36) : Number.NaN
  if (!Number.isSafeInteger(sequence)) throw invalidCursor()
  return sequence
}

function decodeText(cursor: string): string {
  if (!/^t[A-Za-z0-9_-]{1,2000}$/.test(cursor)) throw invalidCursor()
  const text = Buffer.from(cursor.slice(1), 'base64url').toString()
  if (text.includes('\ufffd') || text.includes('\0')) throw invalidCursor()
  return text
}

function invalidCursor() {
  return invalidArgument('after', 'must be the nextPage of an earlier answer of the same list')
}
