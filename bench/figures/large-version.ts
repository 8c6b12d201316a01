/** While a version of 100,000 files is committed, and deleted with all its bytes, everyone else is answered as if nothing were. */
import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { type Engine, postgresql, sqlite } from '../support/databases.ts'
import type { Figure, Row } from '../support/figure.ts'
import { findTeam, seedFiles } from '../support/seed.ts'
import { openSeedTarget, type SeedTarget } from '../support/seed-target.ts'
import { post, type RegistryServer, send, startLoad, startRegistry } from '../support/servers.ts'

const FILES = 100_000
const LOOK_MS = 250
const AIM_MS = 20
const IDLE_MAX_S = 30

export const largeVersionSqlite = largeVersion('large-version-sqlite', sqlite)
export const largeVersionPostgresql = largeVersion('large-version-postgresql', postgresql)

function largeVersion(name: string, engine: Engine): Figure {
  return {
    name,
    whyMissing: engine.whyMissing,
    async measure(dir) {
      await using databases = await engine.start(dir)
      await using registry = await startRegistry(dir, {
        databaseUrl: await databases.create(),
        reclaimGraceSeconds: 1,
      })
      await using load = await startLoad()
      await using target = await openSeedTarget(registry)
      const { id } = await post(registry, '/models', { name: 'bench' })
      const path = `/models/${id}/versions/1`
      await post(registry, `/models/${id}/versions`, {})
      await seedFiles(target, { ...(await findTeam(target)), modelId: String(id), number: 1, count: FILES })
      await target.finish()

      const live = registry.url.replace(/v1$/, 'livez')
      const { headers } = registry
      const requests = [live, `${registry.url}/models/${id}`].map(url => ({ url, headers }))
      const during = async (work: () => Promise<unknown>) => {
        await load.ask('startProbes', requests)
        await registry.ask('watchTurns', undefined)
        const start = performance.now()
        await work()
        const seconds = (performance.now() - start) / 1000
        const turn = await registry.ask('longestTurn', undefined)
        const [livez = 0, get = 0] = await load.ask('stopProbes', undefined)
        return { turn, livez, get, seconds }
      }
      const commit = await during(() => send(registry, 'PUT', path, { isCommitted: true }))
      const deletion = await during(() => deleteAll(registry, target, path))
      // As long as the deletion: the longest of many waits is longer than the longest of a few, whatever goes on.
      const idle = await during(() => setTimeout(Math.min(deletion.seconds, IDLE_MAX_S) * 1000))
      return [
        ...rowsOf(`${engine.title}: commit of ${FILES.toLocaleString('en-US')} files`, commit, idle),
        ...rowsOf(`${engine.title}: their deletion`, deletion, idle),
      ]
    },
  }
}

async function deleteAll(registry: RegistryServer, target: SeedTarget, path: string): Promise<void> {
  await send(registry, 'DELETE', path)
  for (;;) {
    await setTimeout(LOOK_MS)
    const [blob] = await target.run('SELECT id FROM blobs LIMIT 1')
    const [job] = await target.run(`SELECT seq FROM jobs WHERE kind IN ('reclaim-version', 'delete-bytes') LIMIT 1`)
    if (!blob && !job) return
  }
}

interface Waits {
  turn: number
  livez: number
  get: number
  seconds: number
}

function rowsOf(figure: string, waits: Waits, idle: Waits): Row[] {
  const what = 'with nothing going on'
  const aim = { value: 'below', bound: AIM_MS } as const
  return [
    { figure, unit: 's', ours: waits.seconds, aim: { none: 'how long it took' } },
    {
      figure: "— longest turn of the server's event loop, CPU",
      unit: 'ms',
      ours: waits.turn,
      limit: { what, value: idle.turn },
      aim,
    },
    {
      figure: '— longest wait of /livez meanwhile',
      unit: 'ms',
      ours: waits.livez,
      limit: { what, value: idle.livez },
      aim,
    },
    {
      figure: '— longest wait of a get meanwhile',
      unit: 'ms',
      ours: waits.get,
      limit: { what, value: idle.get },
      aim,
    },
  ]
}
