/**
 * A model read and a model created over PostgreSQL, by one server process and by two. The limit is `node:http` with the same statements through
 * the same driver: what our own code adds is the difference.
 */
import { postgresql } from '../support/databases.ts'
import type { Figure, Row } from '../support/figure.ts'
import type { Helper } from '../support/processes.ts'
import { takeTurns } from '../support/rounds.ts'
import { post, startBarePostgresql, startLoad, startRegistry } from '../support/servers.ts'

const CONNECTIONS = 64
/** Of each server process to PostgreSQL. */
const POOL = 10
const ROUNDS = 5
/** Read in turn, so that few requests at a time ask for the same. */
const MODELS = 500

type Server = Helper<{ cpuMs(): number }> & { url: string }

export const postgresqlRequests: Figure = {
  name: 'postgresql-requests',
  whyMissing: postgresql.whyMissing,
  async measure(dir) {
    await using databases = await postgresql.start(dir)
    const databaseUrl = (await databases.create()) ?? ''
    await using first = await startRegistry(dir, { databaseUrl, maxConnections: POOL })
    await using second = await startRegistry(dir, { databaseUrl, maxConnections: POOL, side: 'load' })
    await using bareFirst = await startBarePostgresql('server')
    await using bareSecond = await startBarePostgresql('load')
    await using load = await startLoad()
    const start = async (bare: typeof bareFirst): Promise<Server> => {
      const { url } = await bare.ask('start', { databaseUrl, maxConnections: POOL })
      return { ...bare, url }
    }
    const ours: Server[] = [first, second]
    const bare = [await start(bareFirst), await start(bareSecond)]
    const models = await Promise.all(
      Array.from({ length: MODELS }, (_, number) =>
        post(first, '/models', { name: `model ${number}`, description: 'one model among others' }),
      ),
    )
    const paths = models.map(({ id }) => `/v1/models/${id}`)
    const headers = { ...first.headers, 'content-type': 'application/json' }
    const body = JSON.stringify({ name: 'bench [<id>]', description: 'one model among others', isPublic: false })

    /** Splits the connections over all servers. */
    const measure = async (
      servers: Server[],
      request: { path: string; paths?: string[]; method?: 'POST'; body?: string },
    ) => {
      const cpuMs = () => Promise.all(servers.map(server => server.ask('cpuMs', undefined))).then(sum)
      const before = await cpuMs()
      const { path, ...rest } = request
      const share = { headers, connections: CONNECTIONS / servers.length, seconds: 2, ...rest }
      const sent = await Promise.all(servers.map(({ url }) => load.ask('sendRequests', { url: url + path, ...share })))
      const cpuUs = (1000 * ((await cpuMs()) - before)) / sum(sent.map(({ count }) => count))
      return { perSecond: sum(sent.map(({ perSecond }) => perSecond)), cpuUs }
    }
    const rows: Row[] = []
    for (const { title, unit, request } of [
      { title: 'Read a model', unit: 'requests/s', request: { path: '/models', paths } },
      { title: 'Create a model', unit: 'creates/s', request: { path: '/models', method: 'POST', body } },
    ] as const) {
      for (const servers of [ours, bare]) await measure(servers, request)
      const measured = await takeTurns(ROUNDS, {
        one: () => measure(ours.slice(0, 1), request),
        oneBare: () => measure(bare.slice(0, 1), request),
        two: () => measure(ours, request),
        twoBare: () => measure(bare, request),
      })
      rows.push(...compare(`${title} on PostgreSQL, 1 process`, unit, measured.one, measured.oneBare))
      rows.push(...compare(`${title} on PostgreSQL, 2 processes`, unit, measured.two, measured.twoBare))
    }
    return rows
  },
}

interface Measured {
  perSecond: number
  cpuUs: number
}

function compare(figure: string, unit: Row['unit'], ours: Measured, limit: Measured): Row[] {
  const what = 'bare node:http and pg'
  return [
    {
      figure,
      unit,
      ours: ours.perSecond,
      limit: { what, value: limit.perSecond },
      aim: { ratio: 'at least', bound: 0.6 },
    },
    {
      figure: "— the servers' CPU time for each",
      unit: 'µs',
      ours: ours.cpuUs,
      limit: { what, value: limit.cpuUs },
      aim: { none: 'explains the one above' },
    },
  ]
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
