/** Transactions of every shape, interleaved in every way. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Database, Transaction } from '../../../src/metadata/database.ts'
import { openTemporary, put, readAll } from '../support.ts'

type Step = { kind: 'put'; name: string; until: number } | { kind: 'delete'; name: string } | { kind: 'read' }
interface Plan {
  steps: Step[]
  fails: boolean
  /** Turns of the event loop before it starts. */
  delay: number
}

const names = fc.constantFrom('a', 'b', 'c', 'd')
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), name: names, until: fc.nat(100) }),
  fc.record({ kind: fc.constant('delete' as const), name: names }),
  fc.record({ kind: fc.constant('read' as const) }),
)
const plan: fc.Arbitrary<Plan> = fc.record({
  steps: fc.array(step, { maxLength: 5 }),
  fails: fc.boolean(),
  delay: fc.nat(3),
})

test('however transactions are interleaved, it is as if they ran one after the other', async () => {
  await using temporary = await openTemporary({ synchronous: 'OFF' })
  const { db } = temporary
  const property = fc.asyncProperty(fc.array(plan, { maxLength: 12 }), async plans => {
    await db.transaction(trx => trx.deleteFrom('holds').execute())
    const order: Plan[] = []
    const results = await Promise.all(plans.map(each => run(db, each, order)))
    const expected = oneAfterTheOther(order)
    expect(await readAll(db.read)).toEqual(expected.state)
    for (const [index, each] of plans.entries()) expect(results[index]).toEqual(expected.reads.get(each))
  })
  await fc.assert(property, { numRuns: 60 })
})

class PlannedFailure extends Error {}

async function run(db: Database, each: Plan, order: Plan[]): Promise<unknown> {
  for (let turn = 0; turn < each.delay; turn += 1) await nextTurn()
  order.push(each)
  const reads: unknown[] = []
  const work = async (trx: Transaction) => {
    for (const step of each.steps) {
      if (step.kind === 'put') await put(trx, step.name, step.until)
      else if (step.kind === 'delete') await trx.deleteFrom('holds').where('name', '=', step.name).execute()
      else reads.push(await readAll(trx))
    }
    if (each.fails) throw new PlannedFailure()
  }
  await db.transaction(work).catch(error => {
    if (!(error instanceof PlannedFailure)) throw error
  })
  return reads
}

function oneAfterTheOther(order: Plan[]) {
  let state: Record<string, number> = {}
  const reads = new Map<Plan, unknown[]>()
  for (const each of order) {
    const after = { ...state }
    const seen: unknown[] = []
    for (const step of each.steps) {
      if (step.kind === 'put') after[step.name] = step.until
      else if (step.kind === 'delete') delete after[step.name]
      else seen.push({ ...after })
    }
    reads.set(each, seen)
    if (!each.fails) state = after
  }
  return { state, reads }
}
