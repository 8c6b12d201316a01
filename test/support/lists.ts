/** Walking through paged lists, as a client does. */
import { expect } from 'vitest'
import type { Caller } from './registry.ts'

export interface PageBody {
  hasMore: boolean
  items: Array<Record<string, unknown>>
  nextPage: string | null
}

export async function getPage(caller: Caller, path: string, query: Record<string, unknown> = {}): Promise<PageBody> {
  const text = new URLSearchParams(
    Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
  ).toString()
  const answer = await caller.get(text === '' ? path : `${path}?${text}`)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}

/** All items, page by page. `between` runs after each page but the last. */
export async function walk(
  caller: Caller,
  path: string,
  query: Record<string, unknown> = {},
  between: () => Promise<unknown> = async () => {},
): Promise<Array<Record<string, unknown>>> {
  const items: Array<Record<string, unknown>> = []
  let after: string | null = null
  // Bounded, so that a cursor that stands still fails instead of running for ever.
  for (let page = 0; page < 1000; page++) {
    const body: PageBody = await getPage(caller, path, { ...query, ...(after !== null && { after }) })
    expect(body.hasMore).toBe(body.nextPage !== null)
    items.push(...body.items)
    if (body.nextPage === null) return items
    after = body.nextPage
    await between()
  }
  throw new Error(`${path} has no last page`)
}
