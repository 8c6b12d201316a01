/** The same bytes out again, hashed on the way. The limit is what Node does by itself: a file piped into an answer, unchecked. */
import { randomFillSync } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Figure } from '../support/figure.ts'
import { takeTurns } from '../support/rounds.ts'
import { createDraft, startBare, startLoad, startRegistry } from '../support/servers.ts'

const MEBIBYTES = 1024

export const download: Figure = {
  name: 'download',
  async measure(dir) {
    await using registry = await startRegistry(dir)
    await using bare = await startBare()
    await using load = await startLoad()
    const { headers } = registry
    const url = `${await createDraft(registry)}/weights`
    await load.ask('upload', { url, headers, mebibytes: MEBIBYTES })
    const file = join(dir, 'plain')
    await writeRandomFile(file)
    const { url: bareUrl } = await bare.ask('serveFile', { file })

    const measure = async (target: string) => ({ ms: await load.ask('download', { url: target, headers }) })
    for (const target of [url, bareUrl]) await measure(target)
    const { ours, limit } = await takeTurns(5, { ours: () => measure(url), limit: () => measure(bareUrl) })
    const rate = ({ ms }: { ms: number }) => (1000 * MEBIBYTES) / ms
    return [
      {
        figure: 'Download 1 GiB, checked',
        unit: 'MiB/s',
        ours: rate(ours),
        limit: { what: "Node's pipeline with 512 KiB pieces, unchecked", value: rate(limit) },
        aim: { ratio: 'at least', bound: 0.8 },
      },
    ]
  },
}

async function writeRandomFile(path: string): Promise<void> {
  const chunk = randomFillSync(Buffer.alloc(1024 * 1024))
  await using file = await open(path, 'wx')
  for (let written = 0; written < MEBIBYTES; written++) await file.write(chunk)
}
