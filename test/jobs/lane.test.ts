/** Each kind of job has a lane of its own, with so many at a time as the kind allows. */
import { expect, test } from 'vitest'
import type { Overrides } from '../../src/app.ts'
import { LocalStore } from '../../src/blobs/local/local-store.ts'
import type { JobHandler } from '../../src/jobs/handlers.ts'
import { Lane } from '../../src/jobs/lane.ts'
import { queueJob } from '../../src/registry/jobs/queue.ts'
import { movableClock } from '../support/clock.ts'
import { finishJobs, waitingJobs } from '../support/jobs.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'
import { countRows } from './support.ts'

const PATIENT = { timeout: 20_000, interval: 5 }

/** A handler whose jobs end when the test says so. */
function heldHandler(concurrency: number) {
  const held = new Map<string, (again: number | undefined) => void>()
  let most = 0
  const handler: JobHandler<'reclaim-model'> = {
    concurrency,
    async run(_registry, { modelId }) {
      return await new Promise(resolve => {
        held.set(modelId, resolve)
        most = Math.max(most, held.size)
      })
    },
  }
  return {
    handler,
    names: () => [...held.keys()].toSorted(),
    most: () => most,
    end(name: string, again?: number) {
      const resolve = held.get(name)
      held.delete(name)
      resolve?.(again)
    },
  }
}

async function queue({ app }: TestRegistry, names: string[]): Promise<void> {
  for (const [index, name] of names.entries()) {
    await queueJob(app.registry, { kind: 'reclaim-model', key: name, payload: { modelId: name }, runAt: index })
  }
}

/** The registry's own worker must not take the jobs of these tests. */
async function startIdle(clock = movableClock()): Promise<TestRegistry> {
  const registry = await startRegistry({}, { clock })
  await registry.app.worker.stop()
  return registry
}

test('a kind runs as many at a time as it allows, and the next when one ends', async () => {
  await using registry = await startIdle()
  const jobs = heldHandler(2)
  const lane = new Lane(registry.app.registry, 'reclaim-model', jobs.handler)
  await queue(registry, ['a', 'b', 'c', 'd'])
  lane.wake()
  await expect.poll(jobs.names, PATIENT).toEqual(['a', 'b'])
  lane.wake()
  jobs.end('b')
  await expect.poll(jobs.names, PATIENT).toEqual(['a', 'c'])
  jobs.end('a')
  await expect.poll(jobs.names, PATIENT).toEqual(['c', 'd'])
  for (const name of ['c', 'd']) jobs.end(name)
  await expect.poll(() => waitingJobs(registry.app), PATIENT).toEqual([])
  expect(jobs.most()).toBe(2)
  await lane.stop()
})

test('a job that is not done takes its turn behind the others of its kind', async () => {
  const clock = movableClock()
  await using registry = await startIdle(clock)
  const turns: string[] = []
  const handler: JobHandler<'reclaim-model'> = {
    concurrency: 1,
    async run(_registry, { modelId }) {
      turns.push(modelId)
      return turns.filter(turn => turn === modelId).length < 3 ? clock.now() : undefined
    },
  }
  const lane = new Lane(registry.app.registry, 'reclaim-model', handler)
  await queue(registry, ['big', 'small'])
  await lane.processDue()
  expect(turns.slice(0, 2)).toEqual(['big', 'small'])
  expect(turns.toSorted()).toEqual(['big', 'big', 'big', 'small', 'small', 'small'])
  expect(await waitingJobs(registry.app)).toEqual([])
  await lane.stop()
})

test('a stop waits for the job that is running, and begins no other', async () => {
  await using registry = await startIdle()
  const jobs = heldHandler(1)
  const lane = new Lane(registry.app.registry, 'reclaim-model', jobs.handler)
  await queue(registry, ['a', 'b'])
  lane.wake()
  await expect.poll(jobs.names, PATIENT).toEqual(['a'])
  let isStopped = false
  const stopping = lane.stop().then(() => {
    isStopped = true
  })
  await new Promise(resolve => setImmediate(resolve))
  expect(isStopped).toBe(false)
  jobs.end('a')
  await stopping
  expect(await waitingJobs(registry.app)).toMatchObject([{ key: 'b', attempts: 0 }])
})

test('a kind that hangs keeps no other kind waiting', async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
  const openStore: Overrides['openStore'] = async dir => {
    const store = await LocalStore.open(dir)
    const remove = store.delete.bind(store)
    store.delete = async id => {
      await answered
      await remove(id)
    }
    return store
  }
  await using registry = await startRegistry({ HOLOTYPE_RECLAIM_GRACE_SECONDS: '0' }, { openStore })
  using atEnd = new DisposableStack()
  // Before the registry closes, which waits for its jobs.
  atEnd.defer(answer)
  const { app, writer } = registry
  for (let count = 0; count < 4; count += 1) {
    const { id } = await keepModel(writer, { 'a.bin': `bytes ${count}` })
    await writer.delete(`/models/${id}`)
    await expect.poll(() => countRows(app, 'models'), PATIENT).toBe(0)
  }
  await expect.poll(() => countRows(app, 'blobs'), PATIENT).toBe(0)
  const held = async () => (await waitingJobs(app)).filter(({ lease }) => lease !== null).map(({ kind }) => kind)
  await expect.poll(held, PATIENT).toEqual(['delete-bytes', 'delete-bytes'])
  answer()
  await finishJobs(app)
})
