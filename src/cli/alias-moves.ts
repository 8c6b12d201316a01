/** Where an alias has been, as the model's events tell it. */
import { type Client, dataOf, type Event } from '../client/client.ts'

const PAGE = 1000
/** Older moves than these are not looked at. */
const PAGES = 10

/** The newest first. */
export async function listAliasMoves(client: Client, { id, alias }: { id: string; alias: string }): Promise<Event[]> {
  const moves: Event[] = []
  let after: string | undefined
  for (let page = 0; page < PAGES; page += 1) {
    const query = { alias, limit: PAGE, ...(after !== undefined && { after }) }
    const { items, nextPage } = await dataOf(client.GET('/v1/models/{id}/events', { params: { path: { id }, query } }))
    moves.push(...items)
    if (nextPage === null) break
    after = nextPage
  }
  return moves
}

/**
 * The versions that the alias pointed at before the present one, the last first. A move back undoes the move before it, so going back
 * twice goes two versions back and not to and fro.
 */
export function findEarlierVersions(moves: readonly Event[]): string[] {
  const trail: string[] = []
  for (const { kind, version } of moves.toReversed()) {
    if (kind !== 'alias.set' || version === null) continue
    if (trail.at(-2) === version) trail.pop()
    else if (trail.at(-1) !== version) trail.push(version)
  }
  return trail.slice(0, -1).reverse()
}
