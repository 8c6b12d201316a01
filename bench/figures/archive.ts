/** A version of 100,000 small files as one tar: what each costs, and how long others wait meanwhile. */
import { hash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { layout } from '../../src/blobs/local/layout.ts'
import type { Figure } from '../support/figure.ts'
import { findTeam, seedFiles } from '../support/seed.ts'
import { openSeedTarget, type SeedTarget } from '../support/seed-target.ts'
import { post, type RegistryServer, startLoad, startRegistry } from '../support/servers.ts'

const FILES = 100_000
/** As `seedFiles` has it. */
const SIZE = 1000
/** Rows in one statement. */
const BATCH = 500

export const archive: Figure = {
  name: 'archive',
  async measure(dir) {
    await using registry = await startRegistry(dir)
    await using load = await startLoad()
    const { id } = await post(registry, '/models', { name: 'bench' })
    await post(registry, `/models/${id}/versions`, {})
    await fill(registry, String(id))

    const { headers } = registry
    const url = `${registry.url}/models/${id}/versions/1/archive`
    const download = () => load.ask('download', { url, headers })
    await download()
    const before = await registry.ask('cpuMs', undefined)
    await download()
    const cpu = (await registry.ask('cpuMs', undefined)) - before

    const live = registry.url.replace(/v1$/, 'livez')
    await load.ask('startProbes', [
      { url: live, headers },
      { url: `${registry.url}/models/${id}`, headers },
    ])
    await registry.ask('watchTurns', undefined)
    await download()
    const turn = await registry.ask('longestTurn', undefined)
    const waits = await load.ask('stopProbes', undefined)
    return [
      {
        figure: `Archive of ${FILES.toLocaleString('en-US')} files of 1 KB: processor time of each`,
        unit: 'µs',
        ours: (1000 * cpu) / FILES,
        aim: { value: 'below', bound: 200 },
      },
      {
        figure: "— longest turn of the server's event loop, CPU",
        unit: 'ms',
        ours: turn,
        aim: { value: 'below', bound: 20 },
      },
      {
        figure: '— longest wait of another request meanwhile',
        unit: 'ms',
        ours: Math.max(...waits),
        aim: { none: 'the disk works on the same core' },
      },
    ]
  },
}

/** Rows and bytes of files that are all different. */
async function fill(registry: RegistryServer, modelId: string): Promise<void> {
  await using target = await openSeedTarget(registry)
  await seedFiles(target, { ...(await findTeam(target)), modelId, number: 1, count: FILES })
  const { blob } = layout(registry.dataDir)
  const ids = (await target.run('SELECT id FROM blobs')).map(row => String(row['id']))
  for (let begin = 0; begin < ids.length; begin += BATCH) {
    const batch = ids.slice(begin, begin + BATCH).map(id => ({ id, bytes: id.padEnd(SIZE, '.') }))
    for (const { id, bytes } of batch) {
      mkdirSync(dirname(blob(id)), { recursive: true })
      writeFileSync(blob(id), bytes)
    }
    await nameDigests(target, batch)
  }
  await target.finish()
}

async function nameDigests(target: SeedTarget, batch: Array<{ id: string; bytes: string }>): Promise<void> {
  const values = batch.map(({ id, bytes }) => `('${id}', '${hash('sha256', bytes)}')`)
  await target.run(
    `WITH named (id, sha256) AS (VALUES ${values.join(', ')})
     UPDATE blobs SET sha256 = named.sha256 FROM named WHERE blobs.id = named.id`,
  )
}
