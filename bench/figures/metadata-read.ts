/** One model by its id: key check, database read, answer. The limit is `node:http` that has the same answer ready. */
import type { Figure } from '../support/figure.ts'
import type { Helper } from '../support/processes.ts'
import { takeTurns } from '../support/rounds.ts'
import { post, startBare, startLoad, startRegistry } from '../support/servers.ts'

const CONNECTIONS = 64

export const metadataRead: Figure = {
  name: 'metadata-read',
  async measure(dir) {
    await using registry = await startRegistry(dir)
    await using bare = await startBare()
    await using load = await startLoad()
    const { id } = await post(registry, '/models', { name: 'bench', description: 'one model among others' })
    const { headers } = registry
    const url = `${registry.url}/models/${id}`
    const { url: bareUrl } = await bare.ask('serveText', await answerOf(url, headers))

    const measure = async (server: Helper<{ cpuMs(): number }>, target: string, seconds = 3) => {
      const before = await server.ask('cpuMs', undefined)
      const sent = await load.ask('sendRequests', { url: target, headers, connections: CONNECTIONS, seconds })
      const cpuMs = (await server.ask('cpuMs', undefined)) - before
      return { perSecond: sent.perSecond, p99Ms: sent.p99Ms, cpuUs: (1000 * cpuMs) / sent.count }
    }
    await measure(registry, url, 1)
    await measure(bare, bareUrl, 1)
    const { ours, limit } = await takeTurns(3, {
      ours: () => measure(registry, url),
      limit: () => measure(bare, bareUrl),
    })
    const what = 'bare node:http'
    return [
      {
        figure: `Read a model, ${CONNECTIONS} connections`,
        unit: 'requests/s',
        ours: ours.perSecond,
        limit: { what, value: limit.perSecond },
        aim: { ratio: 'at least', bound: 0.5 },
      },
      {
        figure: '— its 99th percentile',
        unit: 'ms',
        ours: ours.p99Ms,
        limit: { what, value: limit.p99Ms },
        aim: { value: 'below', bound: 10 },
      },
      {
        figure: "— the server's CPU time for each",
        unit: 'µs',
        ours: ours.cpuUs,
        limit: { what, value: limit.cpuUs },
        aim: { none: 'explains the first' },
      },
    ]
  },
}

/** What the bare server must send to send the same: its own connection headers come on top, as ours do. */
async function answerOf(url: string, headers: Record<string, string>) {
  const response = await fetch(url, { headers })
  const own = ['connection', 'date', 'keep-alive']
  return {
    headers: Object.fromEntries([...response.headers].filter(([name]) => !own.includes(name))),
    body: await response.text(),
  }
}
