/** Memory stays flat however many bytes go through: uploads at full speed and readers who take their time, all at once. */
import type { Figure } from '../support/figure.ts'
import { createDraft, startLoad, startRegistry } from '../support/servers.ts'

const EACH = 32
const MEBIBYTES = 64
/** A reader takes this much, in bytes/s, and leaves after this long, in ms. */
const SLOWLY = { bytesPerSecond: 256 * 1024, forMs: 8000 }

export const memory: Figure = {
  name: 'memory',
  async measure(dir) {
    await using registry = await startRegistry(dir)
    await using load = await startLoad()
    const { headers } = registry
    const files = await createDraft(registry)
    const upload = (name: string, mebibytes = MEBIBYTES) =>
      load.ask('upload', { url: `${files}/${name}`, headers, mebibytes })
    // One upload and one download come first: code is compiled then and the heap has the size that one transfer takes. What many add counts.
    await upload('weights', 512)
    await load.ask('download', { url: `${files}/weights`, headers })
    const before = await registry.ask('watchMemory', undefined)
    await Promise.all(
      Array.from({ length: EACH }, (_, index) =>
        Promise.all([
          upload(`upload-${index}`),
          load.ask('download', { url: `${files}/weights`, headers, slowly: SLOWLY }),
        ]),
      ),
    )
    const growth = (await registry.ask('peakMemory', undefined)) - before
    return [
      {
        figure: `Memory growth, ${EACH} uploads and ${EACH} slow readers`,
        unit: 'MiB',
        ours: growth / 2 ** 20,
        aim: { value: 'below', bound: 64 },
      },
    ]
  },
}
