import { IntegrityError } from './errors.ts'

export interface Page<T> {
  items: T[]
  /** The cursor of the page after this one; null at the end. */
  nextPage: string | null
}

export interface WalkOptions {
  /** What is listed, in the plural, for messages. */
  what: string
  /** More items than these are an error: what was announced, or what is sane. */
  max: number
}

/** A cursor of a registry is far below it, in characters. */
const CURSOR_MAX = 4096
/** So many pages without an item may come in a row: a registry that searches a bounded part at a time sends some. */
const EMPTY_MAX = 1000

/**
 * All items of a list, page by page; only one page is in memory. It comes to an end whatever the registry does: throws an `IntegrityError` for
 * more items than `max`, for a cursor that comes twice, and for pages without end that have nothing in them.
 */
export async function* walkPages<T>(
  fetchPage: (after: string | undefined) => Promise<Page<T>>,
  { what, max }: WalkOptions,
): AsyncGenerator<T> {
  const seen = new Set<string>()
  let listed = 0
  let empty = 0
  for (let after: string | undefined; ; ) {
    const { items, nextPage } = await fetchPage(after)
    listed += items.length
    empty = items.length === 0 ? empty + 1 : 0
    if (listed > max) throw new IntegrityError(`the registry lists more ${what} than the ${max} that there can be`)
    yield* items
    if (nextPage === null) return
    if (seen.has(nextPage)) throw new IntegrityError(`the list of ${what} goes in a circle`)
    if (empty > EMPTY_MAX || nextPage.length > CURSOR_MAX) throw new IntegrityError(`the list of ${what} never ends`)
    seen.add(nextPage)
    after = nextPage
  }
}
