/** Creating models, each answered only when it is on disk. Creates that wait together share a commit, so the disk's own rate is no limit. */
import type { Figure } from '../support/figure.ts'
import { takeTurns } from '../support/rounds.ts'
import { type RegistryServer, startLoad, startMachine, startRegistry } from '../support/servers.ts'

const CONNECTIONS = 64

export const durableCreate: Figure = {
  name: 'durable-create',
  async measure(dir) {
    await using durable = await startRegistry(dir, { name: 'durable' })
    await using volatile = await startRegistry(dir, { name: 'volatile', synchronous: 'OFF' })
    await using machine = await startMachine()
    await using load = await startLoad()

    const measure = async (server: RegistryServer, seconds = 3) => {
      const { perSecond } = await load.ask('sendRequests', {
        url: `${server.url}/models`,
        method: 'POST',
        headers: { ...server.headers, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'bench [<id>]', description: 'one model among others', isPublic: false }),
        connections: CONNECTIONS,
        seconds,
      })
      return { perSecond }
    }
    for (const server of [durable, volatile]) await measure(server, 1)
    const { ours, unsafe, disk } = await takeTurns(3, {
      ours: () => measure(durable),
      unsafe: () => measure(volatile),
      disk: async () => ({ perSecond: await machine.ask('commits', { dir, seconds: 1 }) }),
    })
    return [
      {
        figure: `Create models durably, ${CONNECTIONS} clients`,
        unit: 'creates/s',
        ours: ours.perSecond,
        limit: { what: 'the same, not durable', value: unsafe.perSecond },
        aim: { ratio: 'at least', bound: 0.7 },
      },
      {
        figure: '— against commits of one row',
        unit: 'creates/s',
        ours: ours.perSecond,
        limit: { what: 'raw SQLite, one by one', value: disk.perSecond },
        aim: { ratio: 'at least', bound: 2 },
      },
    ]
  },
}
