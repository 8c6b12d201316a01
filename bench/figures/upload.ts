/** A large file into a draft: hashed, written, made durable. The limit is a bare server that does these three and nothing else. */
import { join } from 'node:path'
import type { Figure } from '../support/figure.ts'
import type { Helper } from '../support/processes.ts'
import { takeTurns } from '../support/rounds.ts'
import { createDraft, startBare, startLoad, startRegistry } from '../support/servers.ts'

const MEBIBYTES = 1024

export const upload: Figure = {
  name: 'upload',
  async measure(dir) {
    await using registry = await startRegistry(dir)
    await using bare = await startBare()
    await using load = await startLoad()
    const { headers } = registry
    const files = await createDraft(registry)
    const { url: bareUrl } = await bare.ask('receiveFile', { file: join(dir, 'received') })

    const measure = async (server: Helper<{ cpuMs(): number }>, url: string, mebibytes = MEBIBYTES) => {
      const before = await server.ask('cpuMs', undefined)
      const ms = await load.ask('upload', { url, headers, mebibytes })
      return { ms, cpuMs: (await server.ask('cpuMs', undefined)) - before }
    }
    await measure(registry, `${files}/warm-up`, 64)
    await measure(bare, `${bareUrl}/warm-up`, 64)
    const { ours, limit } = await takeTurns(3, {
      ours: () => measure(registry, `${files}/weights`),
      limit: () => measure(bare, `${bareUrl}/weights`),
    })
    const rate = ({ ms }: { ms: number }) => (1000 * MEBIBYTES) / ms
    const what = 'bare node:http that hashes, writes and syncs'
    return [
      {
        figure: 'Upload 1 GiB',
        unit: 'MiB/s',
        ours: rate(ours),
        limit: { what, value: rate(limit) },
        aim: { ratio: 'at least', bound: 0.9 },
      },
      {
        figure: "— the server's CPU time",
        unit: 's',
        ours: ours.cpuMs / 1000,
        limit: { what, value: limit.cpuMs / 1000 },
        aim: { none: 'explains the first' },
      },
    ]
  },
}
