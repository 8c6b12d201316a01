/**
 * Kills the real server again and again while several clients write, starts it anew on the same data, and checks that every answered
 * write is there and that no unanswered one is there by half (R01, R02, R18, R19).
 *
 * HOLOTYPE_CRASH_ROUNDS says how often (30 and more find what a few miss), HOLOTYPE_CRASH_SEED repeats what the clients do; the moment of the kill stays the machine's.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run, serve, serveBriefly } from '../lifecycle/server-process.ts'
import { postgresqlServer } from '../support/databases.ts'
import { createClient } from './client.ts'
import type { Expectation } from './expectation.ts'
import { inspect, inspectDisk } from './inspect.ts'
import { endOutlasted } from './outlasted.ts'
import { createRandom, type Random } from './random.ts'
import { createWriter, type Writer } from './writer.ts'

const ROUNDS = Number(process.env['HOLOTYPE_CRASH_ROUNDS'] ?? 5)
const SEED = Number(process.env['HOLOTYPE_CRASH_SEED'] ?? Date.now() % 1_000_000)
const WRITERS = 5
/** A life ends at most so many answered writes after its start, and some ms later, in the middle of the next ones. */
const LONGEST_LIFE = 100
const MIDDLE_MS = 12
/** How much longer the other process lives at most, in ms. */
const LONGER_MS = 150
/** In ms: about as long as a start takes. */
const START_MS = 500

const KEY = `ht_ak0crash0000000_${'campaign'.repeat(5)}`
const ENV = { HOLOTYPE_ADMIN_KEY: KEY, HOLOTYPE_RECLAIM_GRACE_SECONDS: '0' }

test(
  'what was answered survives a kill at any moment, and what was not is there wholly or not at all',
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'holotype-crash-'))
    const random = createRandom(SEED)
    const expectation: Expectation = { models: new Map(), unanswered: new Set(), acknowledged: 0 }
    const pool = createPool(random)
    const writers = Array.from({ length: WRITERS }, (_, index) =>
      createWriter(`writer ${index}`, expectation, pool, createRandom(SEED + index + 1)),
    )
    process.stdout.write(`crash campaign: HOLOTYPE_CRASH_SEED=${SEED} HOLOTYPE_CRASH_ROUNDS=${ROUNDS}\n`)
    try {
      for (let round = 1; round <= ROUNDS; round += 1) {
        // Recovery itself must bear a kill as well.
        if (round % 4 === 2) await serveBriefly(dataDir, random.below(START_MS), ENV)
        await oneLife(dataDir, expectation, writers, random).catch(error => {
          throw new Error(`round ${round} of seed ${SEED}: ${error.message}`, { cause: error })
        })
      }
      await lastLife(dataDir, expectation)
      process.stdout.write(`${ROUNDS} kills, ${expectation.acknowledged} answered writes\n`)
      expect(expectation.acknowledged).toBeGreaterThan(ROUNDS)
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  },
  60_000 + ROUNDS * 20_000,
)

/**
 * Starts, checks what the life before has left, writes, and is killed. On PostgreSQL there are two processes over one database and one directory:
 * one is killed, and the other goes on for a while before it is killed as well.
 */
async function oneLife(dataDir: string, expectation: Expectation, writers: Writer[], random: Random): Promise<void> {
  await endOutlasted(dataDir)
  await using server = await serve(dataDir, ENV)
  await using other = postgresqlServer() === undefined ? undefined : await serve(dataDir, ENV)
  const client = createClient(server.url, KEY)
  const otherClient = other ? createClient(other.url, KEY) : client
  await inspectDisk(dataDir)
  await inspect(client, expectation, false)
  const lastAnswer = expectation.acknowledged + random.below(LONGEST_LIFE)
  const onAnswer = () => {
    if (expectation.acknowledged < lastAnswer) return
    const middle = random.below(MIDDLE_MS)
    setTimeout(() => server.child.kill('SIGKILL'), middle)
    setTimeout(() => other?.child.kill('SIGKILL'), middle + random.below(LONGER_MS))
  }
  const working = Promise.all(writers.map((writer, index) => writer.work(index % 2 ? otherClient : client, onAnswer)))
  // Also when a writer has found something wrong.
  await working.finally(() => Promise.all([server.end('SIGKILL'), other?.end('SIGKILL')]))
}

/** Everything once more, and an orderly end. */
async function lastLife(dataDir: string, expectation: Expectation): Promise<void> {
  await endOutlasted(dataDir)
  await using server = await serve(dataDir, ENV)
  await inspectDisk(dataDir)
  await inspect(createClient(server.url, KEY), expectation, true)
  const verified = await run(['verify', '--data-dir', dataDir])
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('All bytes are as they were accepted') })
  expect(await server.end('SIGTERM')).toBe(0)
}

/** Bytes that all writers share: most small, some of several MiB. */
function createPool(random: Random): Buffer[] {
  const sizes = [1, 100, 1000, 4096, 10_000, 65_536, 65_537, 200_000, 500_000, 1_500_000, 4_000_000]
  return sizes.map(size => random.bytes(size))
}
