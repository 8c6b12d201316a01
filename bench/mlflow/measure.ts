/** Measures one registry that is filled and does nothing else. */
import { median } from '../support/rounds.ts'
import type { Contender, Numbers, Work } from './contender.ts'
import { countCalls } from './many-clients.ts'
import { timeCalls } from './one-client.ts'
import type { ServerProcess } from './server-process.ts'
import { proveTransfer, transfer } from './transfers.ts'

/** What changes the registry comes last. */
const WORKS: Record<Work, { byMany: boolean }> = {
  'get a model': { byMany: true },
  'get a model, a new connection each': { byMany: false },
  'get a version': { byMany: true },
  'list 100': { byMany: true },
  'search by a part of the name': { byMany: true },
  'get the large model': { byMany: false },
  'set an alias': { byMany: true },
  'set an alias of the large model': { byMany: false },
  'create a model': { byMany: true },
}

export interface Measured {
  title: string
  works: Map<Work, { p50Ms: number; perSecond: number | undefined }>
  /** In MiB/s. */
  bytes: { put: number; get: number }
  memory: { resting: Memory; after: Memory } | undefined
  unanswered: number
}

type Memory = NonNullable<ReturnType<ServerProcess['memory']>>

export async function measure(
  contender: Contender,
  server: ServerProcess,
  { rounds, tell }: { rounds: number; tell: (line: string) => void },
): Promise<Measured> {
  await server.rest()
  const resting = server.memory()
  let called = 0
  const numbers: Numbers = { next: () => called++, unanswered: 0 }
  const works: Measured['works'] = new Map()
  for (const [name, { byMany }] of Object.entries(WORKS)) {
    const work = name as Work
    tell(`${contender.title}: ${work}`)
    // Whatever a server prepares at the first call of a kind is not counted.
    await timeCalls(contender, work, numbers)
    const times: number[] = []
    const rates: number[] = []
    for (let round = 0; round < rounds; round++) {
      const msOfOne = await timeCalls(contender, work, numbers)
      times.push(msOfOne)
      if (byMany) rates.push(await countCalls(contender, work, { numbers, msOfOne }))
    }
    works.set(work, { p50Ms: median(times), perSecond: byMany ? median(rates) : undefined })
  }
  const bytes = await measureBytes(contender, rounds, tell)
  const after = server.memory()
  const memory = resting && after && { resting, after }
  return { title: contender.title, works, bytes, memory, unanswered: numbers.unanswered }
}

async function measureBytes(
  contender: Contender,
  rounds: number,
  tell: (line: string) => void,
): Promise<Measured['bytes']> {
  tell(`${contender.title}: bytes`)
  await proveTransfer(contender, 'proof.bin')
  const taken: { put: number; get: number }[] = []
  for (let round = 0; round < rounds; round++) taken.push(await transfer(contender, `weights-${round}.bin`))
  return { put: median(taken.map(({ put }) => put)), get: median(taken.map(({ get }) => get)) }
}
