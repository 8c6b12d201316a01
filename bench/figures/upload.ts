/** A large file into a draft: hashed, written, made durable. The limit is the slower of the disk and sha256 on one core. */
import type { Figure } from '../support/figure.ts'
import { takeTurns } from '../support/rounds.ts'
import { createDraft, startLoad, startMachine, startRegistry } from '../support/servers.ts'

const MEBIBYTES = 1024

export const upload: Figure = {
  name: 'upload',
  async measure(dir) {
    await using registry = await startRegistry(dir)
    await using machine = await startMachine()
    await using load = await startLoad()
    const { headers } = registry
    const files = await createDraft(registry)
    await load.ask('upload', { url: `${files}/warm-up`, headers, mebibytes: 64 })
    const { ours, disk, hash } = await takeTurns(3, {
      ours: async () => ({ ms: await load.ask('upload', { url: `${files}/weights`, headers, mebibytes: MEBIBYTES }) }),
      disk: async () => ({ ms: await machine.ask('writeAndSync', { dir, mebibytes: MEBIBYTES }) }),
      hash: async () => ({ ms: await machine.ask('sha256', { mebibytes: MEBIBYTES }) }),
    })
    const rate = ({ ms }: { ms: number }) => (1000 * MEBIBYTES) / ms
    const limit =
      disk.ms > hash.ms
        ? { what: 'raw write and fsync', value: rate(disk) }
        : { what: 'sha256 on one core', value: rate(hash) }
    return [{ figure: 'Upload 1 GiB', unit: 'MiB/s', ours: rate(ours), limit, aim: { ratio: 'at least', bound: 0.8 } }]
  },
}
