import { type Client, dataOf } from '../client/client.ts'
import { ApiError } from '../client/errors.ts'
import type { Cli } from './context.ts'

/** As many as one page has; whoever is beyond it is shown by id. */
const USERS_MAX = 1000

/** What people are called, for answers that people read; an id where the name is not known, as of somebody of another team. */
export async function readUserNames(cli: Cli): Promise<(id: string | null) => string> {
  const names = cli.flags.json ? new Map<string, string>() : await listNames(await cli.client())
  return id => (id === null ? 'the registry' : (names.get(id) ?? id))
}

async function listNames(client: Client): Promise<Map<string, string>> {
  try {
    const { items } = await dataOf(client.GET('/v1/users', { params: { query: { limit: USERS_MAX } } }))
    return new Map(items.map(({ id, name }) => [id, name]))
  } catch (error) {
    // The answer is right without the names too.
    if (error instanceof ApiError) return new Map()
    throw error
  }
}
