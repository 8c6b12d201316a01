/** The one place where everything is put together. Nothing else builds parts; a test replaces a part by name. */
import { readFileSync } from 'node:fs'
import type { FastifyServerOptions } from 'fastify'
import type { BlobStore } from './blobs/blob-store.ts'
import { LocalStore } from './blobs/local/local-store.ts'
import { createStores, type S3Source } from './blobs/stores.ts'
import { type Config, ConfigError } from './config.ts'
import { lockDataDir } from './data-dir/lock.ts'
import { makeDataDir, requireUsableDataDir } from './data-dir/own-directory.ts'
import { databaseFile, refuseEmbedded, refuseLostDatabase, refuseMoved, requireRegistry } from './data-dir.ts'
import { basePathOf, findTakenPath } from './http/base-path.ts'
import { createServer, type RouteEntry } from './http/server.ts'
import { v1 } from './http/v1/door.ts'
import { Worker } from './jobs/worker.ts'
import type { Database } from './metadata/database.ts'
import { findLatestEventTime } from './metadata/events.ts'
import { findInstance } from './metadata/instance.ts'
import { SqliteDatabase } from './metadata/sqlite/sqlite-database.ts'
import { KnownKeys } from './registry/api-keys/known-keys.ts'
import { type Clock, createClock } from './registry/clock.ts'
import { createCursors } from './registry/cursors.ts'
import { requireOwnStores, requireUnusedStores } from './registry/instance/claim-stores.ts'
import { initializeInstance } from './registry/instance/initialize-instance.ts'
import { settleTimes } from './registry/instance/settle-times.ts'
import { startJobs } from './registry/jobs/start-jobs.ts'
import type { Registry } from './registry/registry.ts'
import { createSecrets, type Secrets } from './registry/secrets.ts'
import { checkStorageProviders } from './registry/storage-providers/check-storage-providers.ts'
import { createTally } from './registry/tally.ts'
import { createPartSignatures } from './registry/uploads/part-signatures.ts'
import { secretKeySource } from './secret-key.ts'

export interface App extends AsyncDisposable {
  registry: Registry
  server: Awaited<ReturnType<typeof createServer>>['server']
  /** Every route with its permission. */
  routes: RouteEntry[]
  worker: Worker
  /** The first admin key, when this start has made it up. */
  firstKey: string | undefined
  /** Starts to answer and to work. Resolves to the URL it answers at. */
  listen(): Promise<string>
  /** How many requests are being answered right now. */
  requestsInFlight(): number
  /** Readiness off, requests in flight finished, everything closed. */
  close(): Promise<void>
}

/** Parts that a test or the benchmark brings itself. */
export interface Overrides {
  openDatabase?: (config: Config) => Promise<Database>
  openStore?: (dir: string) => Promise<BlobStore>
  clock?: Clock
  logger?: FastifyServerOptions['logger']
  /** Told the first admin key the moment it is kept: whatever fails later, nothing can show it again. */
  onFirstKey?: (key: string) => void
}

/** The protocols that the registry speaks. */
const DOORS = [v1]

export const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version

/** Whatever step fails, what was opened before it is closed again. */
export async function createApp(config: Config, overrides: Overrides = {}): Promise<App> {
  requireFreeBasePath(config.publicUrl)
  await using opened = new AsyncDisposableStack()
  await makeDataDir(config.dataDir)
  // With PostgreSQL several processes may share the directory: the lock is for the file of the embedded database.
  if (config.databaseUrl === undefined) opened.defer(lockDataDir(config.dataDir))
  requireUsable(config)
  const openStore =
    overrides.openStore ?? (dir => LocalStore.open(dir, { reserveBytes: config.limits.diskReserveBytes }))
  const local = await openStore(config.dataDir)
  if (config.databaseUrl === undefined) await refuseLostDatabase(config.dataDir, () => requireUnusedStores([local]))
  const open = overrides.openDatabase ?? openDatabase
  const db = opened.adopt(await open(config), database => database.close())
  const secrets = createSecrets(secretKeySource(config))
  const stores = opened.adopt(createStores({ local, s3: createS3(config, db, secrets) }), all => all.close())
  const clock = overrides.clock ?? createClock(await findLatestEventTime(db.read))
  let firstKey: string | undefined
  const onFirstKey = (key: string) => {
    firstKey = key
    overrides.onFirstKey?.(key)
  }
  const instance = await initializeInstance({ db, clock, stores }, { ...config, onFirstKey })
  const registry = createRegistry(config, { db, clock, instance, stores, secrets })
  const worker = opened.adopt(new Worker(registry), running => running.stop())
  registry.wakeJobs = () => worker.wake()
  let isClosing = false
  const http = await createServer({
    registry,
    doors: DOORS,
    readiness: {
      async check() {
        if (isClosing) throw new Error('shutting down')
        await db.checkHealth()
        await stores.checkHealth()
      },
    },
    version: VERSION,
    publicUrl: config.publicUrl,
    areMetricsOpen: config.areMetricsOpen,
    transfers: config.transfers,
    connections: config.connections,
    requests: config.requests,
    // Not by its number: a terminal that has closed must not end the process with the next line.
    logger: overrides.logger ?? { level: config.logLevel, stream: process.stdout },
  })
  const { server, routes } = http
  opened.defer(() => closeServer(http))
  registry.warn = (message, error) => server.log.warn(error === undefined ? {} : { err: error }, message)
  registry.debug = message => server.log.debug(message)
  await settleTimes(registry)
  const parts = opened.move()
  const close = async () => {
    isClosing = true
    server.log.info({ requestsInFlight: http.requestsInFlight() }, 'stopping')
    await parts.disposeAsync()
  }
  return {
    registry,
    server,
    routes,
    worker,
    firstKey,
    async listen() {
      const url = await server.listen({ host: oneAddress(config.host), port: config.port })
      await startJobs(registry)
      worker.start()
      // Nobody waits for it: a store that hangs concerns one team.
      checkStorageProviders(registry).catch(error => {
        if (!isClosing) registry.warn('the storage providers could not be checked', error)
      })
      return url
    },
    requestsInFlight: http.requestsInFlight,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/**
 * The registry of an installation whose servers may be running right now, for the commands that look after it. Nothing is made, swept or
 * migrated: all that belongs to the servers. Throws when there is no registry, or one of another release. With `needsBytes` false the stored bytes
 * may be out of reach.
 */
export async function attachRegistry(
  config: Config,
  { needsBytes = true } = {},
): Promise<AsyncDisposable & { registry: Registry }> {
  await using opened = new AsyncDisposableStack()
  await requireUsableDataDir(config.dataDir)
  requireUsable(config)
  if (config.databaseUrl === undefined) requireRegistry(config.dataDir)
  const db = opened.adopt(await openDatabase(config, { attach: true }), database => database.close())
  const instance = await findInstance(db.read)
  if (!instance) throw new ConfigError('there is no registry in this database; start one with: holotype serve')
  const clock = createClock(await findLatestEventTime(db.read))
  const local = LocalStore.attach(config.dataDir)
  const secrets = createSecrets(secretKeySource(config))
  const stores = opened.adopt(createStores({ local, s3: createS3(config, db, secrets) }), all => all.close())
  if (needsBytes) await requireOwnStores(stores.shared, instance)
  const registry = createRegistry(config, { db, clock, instance, stores, secrets })
  const parts = opened.move()
  return { registry, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

/** A public URL such as `https://example.com/v1` would hide the API behind itself. */
function requireFreeBasePath(publicUrl: string | undefined): void {
  const taken = findTakenPath(basePathOf(publicUrl), DOORS)
  if (taken === undefined) return
  throw new ConfigError(
    `the path of HOLOTYPE_PUBLIC_URL must not begin with ${taken}, which is a path of the registry itself; leave it out, or put it below another one`,
  )
}

/** The framework would open a second server for the other address of this name, which none of our limits would reach. */
function oneAddress(host: string): string {
  return host === 'localhost' ? '127.0.0.1' : host
}

/** The registry in the directory and the one in the configured database must be the same. */
function requireUsable({ databaseUrl, dataDir }: Config): void {
  if (databaseUrl === undefined) refuseMoved(dataDir)
  else refuseEmbedded(dataDir)
}

/**
 * The database that the configuration names. PostgreSQL's driver is loaded only where it is used. `fill` opens one that a copy will fill,
 * see `PostgresqlOptions`.
 */
export async function openDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir'> & Partial<Pick<Config, 'limits'>>,
  options: { attach?: boolean; fill?: boolean } = {},
): Promise<Database> {
  if (config.databaseUrl === undefined) {
    const reserveBytes = config.limits?.diskReserveBytes
    return await SqliteDatabase.open(databaseFile(config.dataDir), { ...options, reserveBytes })
  }
  const { openPostgresql } = await import('./metadata/postgresql/open-postgresql.ts')
  return await openPostgresql(config.databaseUrl, options)
}

/** The stores of S3 providers. The SDK, which is large, is loaded with the first one. */
function createS3({ s3 }: Config, db: Database, secrets: Secrets): S3Source {
  const load = async () => {
    const { createS3Source } = await import('./blobs/s3/s3-source.ts')
    const instance = await findInstance(db.read)
    if (!instance) throw new Error('the registry has no identity yet')
    return createS3Source({ ...s3, instanceId: instance.id, openSecret: secrets.open })
  }
  let source: Promise<S3Source> | undefined
  const loadOnce = () => {
    source ??= load()
    source.catch(() => {
      source = undefined
    })
    return source
  }
  return {
    open: async provider => (await loadOnce()).open(provider),
    examine: async (provider, options) => (await loadOnce()).examine(provider, options),
  }
}

function createRegistry(
  { limits }: Config,
  parts: Pick<Registry, 'db' | 'clock' | 'instance' | 'stores' | 'secrets'>,
): Registry {
  const { instance } = parts
  return {
    ...parts,
    limits,
    cursors: createCursors(instance.cursorKey),
    arrivingUploads: new Set(),
    arrivingParts: new Map(),
    partSignatures: createPartSignatures(instance.cursorKey),
    knownKeys: new KnownKeys(),
    keyUsesNoted: new Map(),
    tally: createTally(),
    wakeJobs() {},
    warn() {},
    debug() {},
  }
}

async function closeServer({ server, endIdle }: Awaited<ReturnType<typeof createServer>>): Promise<void> {
  // A connection whose last answer began before this moment would be kept for its next request, and the end with it.
  const timer = setInterval(() => server.server.closeIdleConnections(), 50)
  endIdle()
  await server.close().finally(() => clearInterval(timer))
}
