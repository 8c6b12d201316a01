/** The one place where everything is put together. Nothing else says `new`; a test replaces a part by name. */
import { readFileSync } from 'node:fs'
import type { FastifyServerOptions } from 'fastify'
import type { BlobStore } from './blobs/blob-store.ts'
import { LocalStore } from './blobs/local/local-store.ts'
import type { Config } from './config.ts'
import { databaseFile, lockDataDir, makeDataDir, requireRegistry } from './data-dir.ts'
import { createServer, type RouteEntry } from './http/server.ts'
import { v1 } from './http/v1/door.ts'
import { Worker } from './jobs/worker.ts'
import type { Database } from './metadata/database.ts'
import { findLatestEventTime } from './metadata/events.ts'
import { SqliteDatabase } from './metadata/sqlite/sqlite-database.ts'
import { createClock } from './registry/clock.ts'
import { withPlainRefusals } from './registry/database-errors.ts'
import { initializeRegistry } from './registry/instance/initialize-registry.ts'
import { queueJob, releaseJobs } from './registry/jobs/queue.ts'
import type { Registry } from './registry/registry.ts'

export interface App {
  registry: Registry
  server: Awaited<ReturnType<typeof createServer>>['server']
  /** Every route with who may call it. */
  routes: RouteEntry[]
  worker: Worker
  /** The first admin key, when this start has made it. */
  firstKey: string | undefined
  /** Starts to answer and to work. Resolves to the URL it answers at. */
  listen(): Promise<string>
  /** Readiness off, requests in flight finished, everything closed. */
  close(): Promise<void>
}

/** Parts that a test or the benchmark brings itself. */
export interface Overrides {
  openDatabase?: (file: string) => Promise<Database>
  openStore?: (dir: string) => Promise<BlobStore>
  logger?: FastifyServerOptions['logger']
}

export const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version

export async function createApp(config: Config, overrides: Overrides = {}): Promise<App> {
  makeDataDir(config.dataDir)
  const unlock = lockDataDir(config.dataDir)
  const openDatabase = overrides.openDatabase ?? (file => SqliteDatabase.open(file))
  const openStore = overrides.openStore ?? (dir => LocalStore.open(dir))
  const db = withPlainRefusals(await openDatabase(databaseFile(config.dataDir)))
  const store = await openStore(config.dataDir)
  const registry: Registry = {
    db,
    clock: createClock(await findLatestEventTime(db.read)),
    limits: config.limits,
    storeOf: () => store,
    publishing: new Set(),
    keyUsesNoted: new Map(),
    wakeJobs: () => worker.wake(),
    warn: (message, error) => server.log.warn({ err: error }, message),
  }
  const worker = new Worker(registry)
  const firstKey = await initializeRegistry(registry, config.adminKey)
  let isClosing = false
  const readiness = {
    async check() {
      if (isClosing) throw new Error('shutting down')
      await db.checkHealth()
      await store.checkHealth()
    },
  }
  const { server, routes, endQuietConnections } = await createServer({
    registry,
    doors: [v1],
    readiness,
    version: VERSION,
    publicUrl: config.publicUrl,
    slowBodies: config.slowBodies,
    logger: overrides.logger ?? { level: config.logLevel },
  })
  return {
    registry,
    server,
    routes,
    worker,
    firstKey,
    async listen() {
      const url = await server.listen({ host: config.host, port: config.port })
      await releaseJobs(registry)
      await queueJob(registry, 'sweep-orphans', 'local')
      return url
    },
    async close() {
      isClosing = true
      // A connection whose last answer began before this moment would be kept for its next request, and the end with it.
      const timer = setInterval(() => server.server.closeIdleConnections(), 50)
      endQuietConnections()
      await server.close().finally(() => clearInterval(timer))
      await worker.stop()
      await db.close()
      unlock()
    },
  }
}

/**
 * The registry of a data directory that a server may be using right now, for the commands that look after it. Nothing is made, swept or
 * migrated: all that belongs to the server. Throws when there is no registry, or one of another release.
 */
export async function openBeside(config: Config): Promise<{ registry: Registry; close(): Promise<void> }> {
  requireRegistry(config.dataDir)
  const db = withPlainRefusals(await SqliteDatabase.open(databaseFile(config.dataDir), { beside: true }))
  const store = LocalStore.beside(config.dataDir)
  const registry: Registry = {
    db,
    clock: createClock(await findLatestEventTime(db.read)),
    limits: config.limits,
    storeOf: () => store,
    publishing: new Set(),
    keyUsesNoted: new Map(),
    wakeJobs() {},
    warn() {},
  }
  return { registry, close: () => db.close() }
}
