/** Two registries over one database and one data directory, as two processes are: nothing in memory is shared, and each has connections of its own. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { LightMyRequestResponse } from 'fastify'
import { expect } from 'vitest'
import { type App, createApp, type Overrides } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import type { Environment } from '../../src/domain/settings.ts'
import { databaseEnvironment, dropDatabaseOf, queryDatabase } from './databases.ts'
import { type Caller, createCaller } from './registry.ts'

export interface OneOfTwo {
  app: App
  admin: Caller
  as(key: string): Caller
}

export interface TwoRegistries extends AsyncDisposable {
  left: OneOfTwo
  right: OneOfTwo
  dataDir: string
  /** Runs the due jobs on both at once, until none is left but those that look again later. */
  finishJobs(): Promise<void>
  /** The names of all bytes, published or staged. */
  storedBytes(): Promise<string[]>
}

const ADMIN_KEY = `ht_ak0races0000000_${'racesraces'.repeat(4)}`

/** At its end it fails when an answer of either was a failure of the server, or when two transactions waited for each other. */
export async function startTwo(
  env: Environment = {},
  overrides: Overrides = {},
  { expectsFailures = false } = {},
): Promise<TwoRegistries> {
  const dataDir = await mkdtemp(join(tmpdir(), 'holotype-two-'))
  const failures: string[] = []
  const defaults = {
    HOLOTYPE_LOG_LEVEL: 'silent',
    HOLOTYPE_PORT: '0',
    HOLOTYPE_DATA_DIR: dataDir,
    HOLOTYPE_ADMIN_KEY: ADMIN_KEY,
    HOLOTYPE_RECLAIM_GRACE_SECONDS: '0',
  }
  const config = readConfig({
    ...defaults,
    ...(env['HOLOTYPE_DATABASE_URL'] === undefined && (await databaseEnvironment(dataDir))),
    ...env,
  })
  const start = async (): Promise<OneOfTwo> => {
    // What is logged as an error is an answer from 500 on.
    const stream = { write: (line: string) => void failures.push(line) }
    const app = await createApp(config, { logger: { level: 'error', stream }, ...overrides })
    const as = (key: string) => createCaller(app, key)
    return { app, as, admin: as(ADMIN_KEY) }
  }
  const [left, right] = await Promise.all([start(), start()])
  return {
    left,
    right,
    dataDir,
    async finishJobs() {
      for (let round = 0; round < 200; round++) {
        await Promise.all([left.app.worker.processDue(), right.app.worker.processDue()])
        const due = await left.app.registry.db.read
          .selectFrom('jobs')
          .select('kind')
          .where(eb => eb.or([eb('run_at', '<=', left.app.registry.clock.now()), eb('lease', 'is not', null)]))
          .execute()
        if (due.length === 0) return
      }
      throw new Error('the jobs have not come to an end')
    },
    async storedBytes() {
      const published = await readdir(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true })
      const names = published.filter(entry => entry.isFile() && entry.name.startsWith('bl')).map(({ name }) => name)
      return [...names, ...(await readdir(join(dataDir, 'tmp')))].sort()
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([left.app.close(), right.app.close()])
      await rm(dataDir, { recursive: true, force: true })
      if (expectsFailures) return
      // Counted by the server when the connections have ended. A circle of waits is repeated, and so right in the end, but it costs a second.
      const counted = 'select deadlocks::int from pg_stat_database where datname = current_database()'
      const [{ deadlocks } = { deadlocks: -1 }] = await queryDatabase<{ deadlocks: number }>(dataDir, counted)
      await dropDatabaseOf(dataDir)
      expect(failures).toEqual([])
      expect(deadlocks).toBe(0)
    },
  }
}

/** How often each race is run: more finds more. */
export const ROUNDS = Number(process.env['HOLOTYPE_RACE_ROUNDS'] ?? 20)

type Racer = () => Promise<LightMyRequestResponse>

/** Runs two requests at once, one of them a moment later than the other, and answers their statuses and bodies. */
export async function race(first: Racer, second: Racer) {
  const headStart = Math.random() * 6 - 3
  const [one, other] = await Promise.all([after(-headStart, first), after(headStart, second)])
  return { statuses: [one.statusCode, other.statusCode], bodies: [one.json(), other.json()] }
}

async function after(ms: number, racer: Racer): Promise<LightMyRequestResponse> {
  if (ms > 0) await setTimeout(ms)
  return await racer()
}
