/** Turns cursors into positions and back. A cursor belongs to the list that gave it out. */
import { invalidArgument } from '../domain/errors.ts'
import { PAGE_LIMIT_DEFAULT, type Page, type PageRequest, type Rows, type Slice } from '../domain/paging.ts'

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
