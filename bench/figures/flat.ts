/** What a person or a job asks most costs the same in a large registry as in a small one, wherever in a list it is. */
import { type Engine, postgresql, sqlite } from '../support/databases.ts'
import type { Figure, Row } from '../support/figure.ts'
import { NAME, PARTS, type Seeded, seedRegistry, TAG } from '../support/seed.ts'
import { type RegistryServer, startLoad, startRegistry } from '../support/servers.ts'

const SMALL = { models: 1_000, versions: 1_000, files: 1_000, events: 1_000 }
const LARGE = { models: 1_000_000, versions: 20_000, files: 100_000, events: 100_000 }
/** How many requests of a kind are compared, and how long at most, in ms. */
const COUNT = 300
const LONGEST_MS = 4000
/** For searches that no index answers: they look through a bounded number of models, and a small registry has fewer than that. In ms. */
const BOUNDED_MS = 50

interface Page {
  what: string
  path: string
  /** Where in the list the page begins. */
  after?: string | number
  /** For a search that is bounded instead of flat. */
  aimMs?: number
}

export const flatSqlite = flat('flat-sqlite', sqlite)
export const flatPostgresql = flat('flat-postgresql', postgresql)

function flat(name: string, engine: Engine): Figure {
  return {
    name,
    whyMissing: engine.whyMissing,
    async measure(dir) {
      await using databases = await engine.start(dir)
      await using small = await startRegistry(dir, { name: 'small', databaseUrl: await databases.create() })
      await using large = await startRegistry(dir, { name: 'large', databaseUrl: await databases.create() })
      await using load = await startLoad()
      const smallPages = pagesOf(await seedRegistry(small, SMALL), SMALL)
      const largePages = pagesOf(await seedRegistry(large, LARGE), LARGE)
      for (const registry of [small, large]) await requireHits(registry, PARTS.rare)
      const rows: Row[] = []
      for (const [index, page] of largePages.entries()) {
        const other = smallPages[index] ?? page
        const requests = [await requestOf(small, other), await requestOf(large, page)]
        const [few = 0, many = 0] = await load.ask('alternate', { requests, count: COUNT, longestMs: LONGEST_MS })
        rows.push(rowOf(`${engine.title}: ${page.what}`, page, { few, many }))
      }
      return rows
    },
  }
}

/** What was filled in from outside must be found as if it had come through the API. */
async function requireHits({ url, headers }: RegistryServer, part: string): Promise<void> {
  const response = await fetch(`${url}/models?search=${part}`, { headers })
  const { items } = (await response.json()) as { items: unknown[] }
  if (items.length === 0) throw new Error(`no search finds "${part}"`)
}

async function requestOf(server: RegistryServer, { path, after }: Page) {
  const { headers, url } = server
  if (after === undefined) return { url: url + path, headers }
  const cursor = await server.ask('cursorAfter', { path: `/v1${path}`, headers, position: String(after) })
  return { url: `${url}${path}${path.includes('?') ? '&' : '?'}after=${cursor}`, headers }
}

function rowOf(figure: string, { aimMs }: Page, { few, many }: { few: number; many: number }): Row {
  return {
    figure,
    unit: 'ms',
    ours: many,
    limit: { what: 'the same of 1,000', value: few },
    aim: aimMs === undefined ? { ratio: 'at most', bound: 1.3 } : { value: 'below', bound: aimMs },
  }
}

function pagesOf({ modelId, userId, middle }: Seeded, { models, versions, files, events }: typeof LARGE): Page[] {
  const model = `/models/${modelId}`
  const ofMany = (count: number, what: string) => `${count.toLocaleString('en-US')} ${what}`
  const search = (part: string) => `/models?search=${encodeURIComponent(part)}`
  const name = encodeURIComponent(NAME)
  return [
    { what: 'get a model', path: model },
    { what: 'a model by its name', path: `/models?name=${name}&ownsName=true` },
    { what: `${ofMany(models, 'models')}, first page`, path: '/models' },
    { what: 'models, middle page', path: '/models', after: middle.model },
    { what: 'models, oldest first', path: '/models?order=asc' },
    { what: 'models of a name, first page', path: `/models?name=${name}` },
    { what: 'models of a name, middle page', path: `/models?name=${name}`, after: middle.model },
    { what: 'models of a tag, first page', path: `/models?tag=${TAG}` },
    { what: 'models of a tag, middle page', path: `/models?tag=${TAG}`, after: middle.model },
    { what: 'search, a part that every second has', path: search(PARTS.frequent) },
    { what: 'search, the same from the middle', path: search(PARTS.frequent), after: middle.model },
    { what: 'search, a part that sixty have', path: search(PARTS.rare) },
    { what: 'search, a part that none has', path: search(PARTS.unknown) },
    { what: 'search, as unknown, of known trigrams', path: search(PARTS.familiar), aimMs: BOUNDED_MS },
    { what: 'search, 2 characters that many have', path: search(PARTS.frequent.slice(0, 2)) },
    { what: 'search, 2 characters that none has', path: search('qq'), aimMs: BOUNDED_MS },
    { what: 'search and tag', path: `${search(PARTS.frequent)}&tag=${TAG}` },
    { what: 'get a version', path: `${model}/versions/${versions >> 1}` },
    { what: 'the latest version', path: `${model}/versions/latest` },
    { what: 'a version by its alias', path: `${model}/versions/alias-${versions >> 1}` },
    { what: `${ofMany(versions, 'versions')}, first page`, path: `${model}/versions` },
    { what: 'versions, middle page', path: `${model}/versions`, after: middle.version },
    { what: 'versions of a tag, first page', path: `${model}/versions?tag=${TAG}` },
    { what: 'versions of a tag, middle page', path: `${model}/versions?tag=${TAG}`, after: middle.version },
    { what: `${ofMany(versions, 'aliases')}, first page`, path: `${model}/aliases` },
    { what: 'aliases, middle page', path: `${model}/aliases`, after: middle.alias },
    { what: `${ofMany(files, 'files')}, first page`, path: `${model}/versions/1/files` },
    { what: 'files, middle page', path: `${model}/versions/1/files`, after: middle.file },
    { what: `${ofMany(events, 'events')}, first page`, path: '/events' },
    { what: 'events, middle page', path: '/events', after: middle.event },
    { what: 'events of a kind', path: '/events?kind=alias.set' },
    { what: 'events of a user', path: `/events?userId=${userId}` },
    { what: 'events of a model', path: `${model}/events` },
    { what: 'events of a model and kind', path: `${model}/events?kind=alias.set` },
    { what: 'events of a version', path: `${model}/events?version=1` },
    { what: 'events of an alias', path: `${model}/events?alias=alias-1` },
  ]
}
