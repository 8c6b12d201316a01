/** Pages of lists: from a cursor to a position in a query, and from where a query ended to the next cursor. */
import {
  PAGE_LIMIT_DEFAULT,
  type Page,
  type PageRequest,
  type Rows,
  type Slice,
  type SortOrder,
} from '../domain/paging.ts'
import type { Cursors } from './cursors.ts'

/** Which list a page is of: its name, and all that decides which rows are in it. A cursor opens only for the same list. */
export type ListScope = [name: string, ...of: Array<string | number | boolean | undefined>]

export interface List<T, P> {
  scope: ListScope
  request: PageRequest
  query(slice: Slice<P>): Promise<Rows<T, P>>
}

/** A page of a list that grows in time. The position is the row's sequence number: creation order, with no ties. Newest first unless asked otherwise. */
export async function pageBySequence<T>(registry: { cursors: Cursors }, list: List<T, number>): Promise<Page<T>> {
  return await page(registry, list, { order: 'desc', parse: Number })
}

/** A page of a list sorted by a text that is unique in it, such as the paths of a version. Ascending unless asked otherwise. */
export async function pageByText<T>(registry: { cursors: Cursors }, list: List<T, string>): Promise<Page<T>> {
  return await page(registry, list, { order: 'asc', parse: text => text })
}

async function page<T, P extends string | number>(
  { cursors }: { cursors: Cursors },
  { scope, request, query }: List<T, P>,
  defaults: { order: SortOrder; parse(position: string): P },
): Promise<Page<T>> {
  const { order = defaults.order, limit = PAGE_LIMIT_DEFAULT } = request
  const sealedFor = JSON.stringify([...scope.map(part => part ?? null), order])
  const after = request.after === undefined ? undefined : defaults.parse(cursors.open(sealedFor, request.after))
  const { items, next } = await query({ after, limit, order })
  return { items, nextPage: next === undefined ? null : cursors.seal(sealedFor, String(next)) }
}
