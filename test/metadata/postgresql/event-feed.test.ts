/**
 * A reader that follows the feed of events by its ascending cursor, while 24 writers commit transactions of different length through two processes,
 * misses none and never sees the order change. HOLOTYPE_FEED_WRITES says how many writes there are.
 */
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Overrides, openDatabase } from '../../../src/app.ts'
import type { Caller } from '../../support/registry.ts'
import { startTwo } from '../../support/two-registries.ts'

const WRITES = Number(process.env['HOLOTYPE_FEED_WRITES'] ?? 480)
const WRITERS = 24

interface ListedEvent {
  id: string
  subject: { id: string }
}

/** A database whose transactions take up to 10 ms longer, after their work: for a third of them. */
const unevenDatabase: Overrides['openDatabase'] = async config => {
  const db = await openDatabase(config)
  const transaction: typeof db.transaction = work =>
    db.transaction(async (trx, log) => {
      const value = await work(trx, log)
      if (Math.random() < 0.3) await setTimeout(Math.random() * 10)
      return value
    })
  return new Proxy(db, {
    get(target, name) {
      if (name === 'transaction') return transaction
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** Reads on from where it was. The last page may grow, so it is read again; what it had must still be there, in its order. */
function createFollower(caller: Caller) {
  const seen: string[] = []
  let before = 0
  let after = ''
  return {
    seen,
    async poll(): Promise<void> {
      for (;;) {
        const answer = await caller.get(`/events?kind=model.create&order=asc&limit=40${after}`)
        const { items, hasMore, nextPage } = answer.json()
        const ids = items.map((event: ListedEvent) => event.subject.id)
        const known = seen.slice(before)
        expect(ids.slice(0, known.length)).toEqual(known)
        seen.push(...ids.slice(known.length))
        if (!hasMore) return
        before = seen.length
        after = `&after=${encodeURIComponent(nextPage)}`
      }
    },
  }
}

test('the feed misses no event and keeps its order', async () => {
  await using two = await startTwo({}, { openDatabase: unevenDatabase })
  const follower = createFollower(two.left.admin)
  const made: string[] = []
  let polls = 0
  let isDone = false
  const follow = async () => {
    while (!isDone) {
      await follower.poll()
      polls += 1
      await setTimeout(2)
    }
    await follower.poll()
  }
  const write = async (own: Caller, other: Caller, count: number) => {
    for (let index = 0; index < count; index++) {
      const { id } = (await own.post('/models', { name: 'fed' })).json()
      made.push(id)
      // What was answered is in a read that begins later, on the other process too.
      const { items } = (await other.get(`/models/${id}/events`)).json()
      expect(items).toHaveLength(1)
    }
  }
  const began = performance.now()
  const following = follow()
  const { left, right } = two
  const each = WRITES / WRITERS
  const writing = Array.from({ length: WRITERS }, (_, index) =>
    index % 2 ? write(left.admin, right.admin, each) : write(right.admin, left.admin, each),
  )
  await Promise.all(writing)
  const seconds = (performance.now() - began) / 1000
  isDone = true
  await following
  const missed = made.filter(id => !follower.seen.includes(id))
  const rate = Math.round(made.length / seconds)
  process.stdout.write(
    `event feed: ${made.length} events, ${polls} polls, ${missed.length} missed, ${rate} writes per second\n`,
  )
  expect(missed).toEqual([])
  expect(follower.seen).toHaveLength(made.length)
  const { items } = (await right.admin.get('/events?kind=model.create&order=asc&limit=120')).json()
  expect(follower.seen.slice(0, 120)).toEqual(items.map((event: ListedEvent) => event.subject.id))
})
