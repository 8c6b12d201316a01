/** Our server, whole and with its defaults, as a process that can be asked what it has used. */
import { cpuUsage, memoryUsage, threadCpuUsage } from 'node:process'
import { type App, createApp, type Overrides } from '../../src/app.ts'
import { collectSpentBuffers } from '../../src/blobs/spent-buffers.ts'
import { readConfig } from '../../src/config.ts'
import { databaseFile } from '../../src/data-dir.ts'
import { openPostgresql } from '../../src/metadata/postgresql/open-postgresql.ts'
import { SqliteDatabase } from '../../src/metadata/sqlite/sqlite-database.ts'
import { answerQuestions } from '../support/channel.ts'

export interface StartOptions {
  dataDir: string
  /** Of a PostgreSQL database; else the rows are in the data directory. */
  databaseUrl?: string | undefined
  /** Of SQLite. `OFF` is not durable: only for seeing what durability costs. */
  synchronous?: 'FULL' | 'OFF' | undefined
  /** To PostgreSQL. */
  maxConnections?: number | undefined
  /** How long bytes stay after the last file that refers to them, in s. */
  reclaimGraceSeconds?: number | undefined
}

// As `holotype serve` does.
collectSpentBuffers()

let app: App | undefined
let peak = 0
let watch: NodeJS.Timeout | undefined
let longestTurnMs = 0
let turns: NodeJS.Timeout | undefined

const answers = {
  async start(options: StartOptions) {
    const { dataDir, databaseUrl, reclaimGraceSeconds = 60 } = options
    const config = readConfig({
      HOLOTYPE_DATA_DIR: dataDir,
      HOLOTYPE_PORT: '0',
      // While a database is filled from outside, the jobs find it busy and say so.
      HOLOTYPE_LOG_LEVEL: 'error',
      HOLOTYPE_RECLAIM_GRACE_SECONDS: String(reclaimGraceSeconds),
      ...(databaseUrl !== undefined && { HOLOTYPE_DATABASE_URL: databaseUrl }),
    })
    app = await createApp(config, { openDatabase: databaseOpener(options) })
    return { url: await app.listen(), key: app.firstKey ?? '' }
  },
  /** The cursor with which the list that `path` shows goes on after a position, which must not be at its end. */
  async cursorAfter({ path, headers, position }: { path: string; headers: Record<string, string>; position: string }) {
    if (!app) throw new Error('not started')
    const { registry, server } = app
    const { cursors } = registry
    let scope: string | undefined
    registry.cursors = {
      ...cursors,
      seal(sealedFor, end) {
        scope = sealedFor
        return cursors.seal(sealedFor, end)
      },
    }
    await server.inject({ url: path, headers })
    registry.cursors = cursors
    if (scope === undefined) throw new Error(`${path} has only one page`)
    return cursors.seal(scope, position)
  },
  cpuMs() {
    const { user, system } = cpuUsage()
    return (user + system) / 1000
  },
  /** From now on; in bytes. */
  watchMemory() {
    const now = memoryUsage.rss()
    peak = now
    clearInterval(watch)
    watch = setInterval(() => {
      peak = Math.max(peak, memoryUsage.rss())
    }, 20)
    return now
  },
  peakMemory: () => peak,
  /** From now on. */
  watchTurns() {
    longestTurnMs = 0
    let last = cpuMsOfThread()
    clearInterval(turns)
    turns = setInterval(() => {
      const now = cpuMsOfThread()
      longestTurnMs = Math.max(longestTurnMs, now - last)
      last = now
    }, 1)
  },
  /** The longest turn of the event loop since then, in ms of processor time: what other processes take doesn't count. */
  longestTurn() {
    clearInterval(turns)
    return longestTurnMs
  },
}

function cpuMsOfThread(): number {
  const { user, system } = threadCpuUsage()
  return (user + system) / 1000
}

function databaseOpener({ synchronous, maxConnections }: StartOptions): NonNullable<Overrides['openDatabase']> {
  return async ({ databaseUrl, dataDir }) => {
    if (databaseUrl === undefined)
      return await SqliteDatabase.open(databaseFile(dataDir), synchronous && { synchronous })
    return await openPostgresql(databaseUrl, maxConnections === undefined ? {} : { maxConnections })
  }
}

export type RegistryAnswers = typeof answers
answerQuestions(answers)
