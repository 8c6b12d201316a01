/** A whole registry for a test: real server, real database, real directory, and people with keys of every kind. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { type App, createApp, type Overrides } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import type { Environment } from '../../src/domain/settings.ts'
import { databaseEnvironment, dropDatabaseOf } from './databases.ts'
import { rerunningDatabase } from './faults.ts'

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

/** Calls the API with one key. Objects are sent as JSON, everything else as it is. */
export interface Caller {
  key: string | undefined
  call(method: Method, path: string, body?: unknown, headers?: Record<string, string>): Promise<LightMyRequestResponse>
  get(path: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<LightMyRequestResponse>
  put(path: string, body?: unknown, headers?: Record<string, string>): Promise<LightMyRequestResponse>
  delete(path: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>
}

export interface TestRegistry extends AsyncDisposable {
  app: App
  dataDir: string
  /** The first key: may also make teams. */
  admin: Caller
  writer: Caller
  reader: Caller
  /** The admin of another team. */
  stranger: Caller
  nobody: Caller
  as(key: string | undefined): Caller
  /** Listens on a free loopback port and answers the URL of the API, `http://127.0.0.1:<port>/v1`. */
  listen(): Promise<string>
  close(): Promise<void>
}

/**
 * Paths given to the callers are below `/v1`. `env` sets any `HOLOTYPE_…` variable. A data directory given there stays at the end,
 * its database too.
 */
export async function startRegistry(env: Environment = {}, overrides: Overrides = {}): Promise<TestRegistry> {
  const dataDir = env['HOLOTYPE_DATA_DIR'] ?? (await mkdtemp(join(tmpdir(), 'holotype-test-')))
  const database = await databaseEnvironment(dataDir)
  const defaults = {
    HOLOTYPE_LOG_LEVEL: 'silent',
    HOLOTYPE_PORT: '0',
    HOLOTYPE_DATA_DIR: dataDir,
    // Some tests send more bad keys in a minute than any guesser may.
    HOLOTYPE_FAILED_LOGINS_PER_MINUTE: '0',
    ...database,
  }
  const config = readConfig({ ...defaults, ...env })
  const app = await createApp(config, { ...modeOfThisRun(), ...overrides })
  const as = (key: string | undefined) => createCaller(app, key)
  const admin = as(app.firstKey ?? env['HOLOTYPE_ADMIN_KEY'])
  const makeKey = async (role: string) => as((await admin.post('/api-keys', { name: role, role })).json().key)
  const team = await admin.post('/teams', { namespace: `other-${Date.now().toString(36)}` })
  const close = async () => {
    await app.close()
    if (env['HOLOTYPE_DATA_DIR'] !== undefined) return
    await rm(dataDir, { recursive: true, force: true })
    await dropDatabaseOf(dataDir)
  }
  return {
    app,
    dataDir,
    admin,
    writer: await makeKey('writer'),
    reader: await makeKey('reader'),
    stranger: as(team.json().apiKey.key),
    nobody: as(undefined),
    as,
    listen: async () => `${await app.listen()}/v1`,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** What replaces the parts of every registry in this run of the tests, see vitest.config.ts. */
function modeOfThisRun(): Overrides {
  return process.env['HOLOTYPE_TEST_RERUN'] === undefined ? {} : rerunningDatabase()
}

export function createCaller(app: App, key: string | undefined): Caller {
  const call: Caller['call'] = async (method, path, body, headers = {}) => {
    const isJson = typeof body === 'object' && body !== null && !Buffer.isBuffer(body)
    const options: InjectOptions = {
      method,
      url: `/v1${path}`,
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(isJson && { 'content-type': 'application/json' }),
        ...headers,
      },
    }
    if (body !== undefined) options.payload = isJson ? JSON.stringify(body) : (body as string | Buffer)
    return await app.server.inject(options)
  }
  return {
    key,
    call,
    get: (path, headers) => call('GET', path, undefined, headers),
    post: (path, body, headers) => call('POST', path, body, headers),
    put: (path, body, headers) => call('PUT', path, body, headers),
    delete: (path, headers) => call('DELETE', path, undefined, headers),
  }
}

/** A model with one committed version that holds `files`, made by `caller`. */
export async function keepModel(
  caller: Caller,
  files: Record<string, string | Buffer> = { 'weights.bin': 'weights' },
  model: Record<string, unknown> = {},
): Promise<{ id: string; version: string }> {
  const { id } = (await caller.post('/models', { name: 'a model', ...model })).json()
  const { version } = (await caller.post(`/models/${id}/versions`)).json()
  for (const [path, bytes] of Object.entries(files)) {
    await caller.put(`/models/${id}/versions/${version}/files/${path}`, bytes)
  }
  await caller.put(`/models/${id}/versions/${version}`, { isCommitted: true })
  return { id, version }
}
