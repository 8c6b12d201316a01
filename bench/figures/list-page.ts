/** A page of a list costs the same in a large registry as in a small one, wherever in the list it is. */
import type { Figure } from '../support/figure.ts'
import { takeTurns } from '../support/rounds.ts'
import { type RegistryServer, startLoad, startRegistry } from '../support/servers.ts'

const FEW = 1_000
const MANY = 1_000_000

export const listPage: Figure = {
  name: 'list-page',
  async measure(dir) {
    await using small = await startRegistry(dir, { name: 'small' })
    await using large = await startRegistry(dir, { name: 'large' })
    await using load = await startLoad()
    await small.ask('seedModels', { dataDir: small.dataDir, count: FEW })
    await large.ask('seedModels', { dataDir: large.dataDir, count: MANY })

    /** `after` as the list's own cursors have it. */
    const measure = async ({ url, headers }: RegistryServer, after?: number, seconds = 2) => {
      const cursor = after === undefined ? '' : `&after=s${after.toString(36)}`
      const target = `${url}/models?limit=100${cursor}`
      const { perSecond } = await load.ask('sendRequests', { url: target, headers, connections: 4, seconds })
      return { ms: 1000 / perSecond }
    }
    for (const server of [small, large]) await measure(server, undefined, 1)
    const { few, first, middle } = await takeTurns(3, {
      few: () => measure(small),
      first: () => measure(large),
      middle: () => measure(large, MANY / 2),
    })
    const limit = { what: `first page of ${FEW.toLocaleString('en-US')}`, value: few.ms }
    const aim = { ratio: 'at most', bound: 1.3 } as const
    const many = MANY.toLocaleString('en-US')
    return [
      { figure: `List 100 models of ${many}, first page`, unit: 'ms', ours: first.ms, limit, aim },
      { figure: `List 100 models of ${many}, middle page`, unit: 'ms', ours: middle.ms, limit, aim },
    ]
  },
}
