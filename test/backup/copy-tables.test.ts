/** Copies between databases of every kind that there is in this run. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type App, createApp, openDatabase } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { makeDataDir } from '../../src/data-dir/own-directory.ts'
import { copyTables } from '../../src/metadata/copy-tables.ts'
import type { Database } from '../../src/metadata/database.ts'
import { dialectOf } from '../../src/metadata/dialect.ts'
import * as modelLists from '../../src/metadata/model-lists.ts'
import { COPIED_TABLES, digestTables, LEFT_OUT_TABLES } from '../../src/metadata/table-rows.ts'
import { postgresqlServer } from '../support/databases.ts'
import { createDatabase } from '../support/postgresql-databases.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { leaveTraces, liveIn } from './lived-in.ts'
import { temporaryDirectory } from './support.ts'

let temporary: Awaited<ReturnType<typeof temporaryDirectory>>
let r: TestRegistry
let source: Database

beforeAll(async () => {
  temporary = await temporaryDirectory()
  r = await startRegistry()
  await liveIn(r)
  source = r.app.registry.db
  await leaveTraces(source)
})
afterAll(async () => {
  await r.close()
  await temporary[Symbol.asyncDispose]()
})

const server = postgresqlServer()
const kinds = server === undefined ? ['SQLite'] : ['SQLite', 'PostgreSQL']

/** What a registry on an empty database of that kind needs to know. */
async function emptyPlace(kind: string) {
  const dataDir = join(temporary.path, randomBytes(8).toString('hex'))
  return readConfig({
    HOLOTYPE_DATA_DIR: dataDir,
    HOLOTYPE_LOG_LEVEL: 'silent',
    ...(kind === 'PostgreSQL' && server !== undefined && { HOLOTYPE_DATABASE_URL: await createDatabase(server) }),
  })
}

async function openEmpty(kind: string): Promise<AsyncDisposable & { db: Database; startServer(): Promise<App> }> {
  const config = await emptyPlace(kind)
  await makeDataDir(config.dataDir)
  const db = await openDatabase(config)
  let closing: Promise<void> | undefined
  const close = () => (closing ??= db.close())
  // A server doesn't start beside another process that has the embedded database open.
  const startServer = () => close().then(() => createApp(config))
  return { db, startServer, [Symbol.asyncDispose]: close }
}

test('every table of the database is copied, or is knowingly left out', async () => {
  const columns = await dialectOf(source.read).listColumns(source.read)
  expect([...columns.keys()].sort()).toEqual([...COPIED_TABLES.keys(), ...LEFT_OUT_TABLES].sort())
  for (const [table, { key }] of COPIED_TABLES) expect(columns.get(table)).toEqual(expect.arrayContaining([...key]))
})

test('there are rows in every table that is copied, so that these tests can find what gets lost', async () => {
  const digests = await digestTables(source.read)
  expect(Object.entries(digests).filter(([, { rows }]) => rows === 0)).toEqual([])
})

test.for(kinds)(
  'a copy on %s has every row, finds its models, and counts on where the source stood',
  async (kind, { expect }) => {
    await using target = await openEmpty(kind)
    const written = await copyTables(source.read, target.db)
    expect(await digestTables(target.db.read)).toEqual(written)
    expect(await digestTables(source.read)).toEqual(written)
    for (const table of LEFT_OUT_TABLES) {
      const { rows } = await sql`select 1 from ${sql.table(table)}`.execute(target.db.read)
      expect(rows, table).toEqual([])
    }
    expect(await target.db.read.selectFrom('jobs').select('seq').where('lease', 'is not', null).execute()).toEqual([])
    const [fromSource, fromTarget] = [dialectOf(source.read), dialectOf(target.db.read)]
    for (const [table, { key }] of COPIED_TABLES) {
      if (key[0] !== 'seq') continue
      const reached = await fromSource.readSequence(source.read, table)
      expect(await fromTarget.readSequence(target.db.read, table), table).toBe(reached)
    }
    const { id: teamId } = await source.read.selectFrom('teams').select('id').orderBy('seq').executeTakeFirstOrThrow()
    const find = (db: Database) =>
      modelLists.listModels(db.read, { teamId, search: 'über' }, { order: 'desc', limit: 50, after: undefined })
    const found = await find(target.db)
    expect(found.items.length).toBeGreaterThan(0)
    expect(found).toEqual(await find(source))
  },
)

test.for(kinds)(
  'more rows than one batch come over, in an order that both databases share (%s)',
  async (kind, { expect }) => {
    await using origin = await openEmpty('SQLite')
    await using target = await openEmpty(kind)
    const keys = Array.from({ length: 1203 }, (_, index) => `${['é', 'z', '_', 'A', '文'][index % 5]}${index}`)
    await origin.db.transaction(async trx => {
      const row = { fingerprint: 'f', result: null, created_at: 1 }
      for (const key of keys) {
        await trx
          .insertInto('idempotency_keys')
          .values({ ...row, api_key_id: key.slice(0, 2), key })
          .execute()
      }
      await trx.insertInto('instance').values({ singleton: 1, id: 'i', cursor_key: 'c', created_at: 1 }).execute()
    })
    expect((await copyTables(origin.db.read, target.db))['idempotency_keys']?.rows).toBe(1203)
  },
)

test.for(kinds)(
  'a row that is another in the copy on %s is found, and no server starts on it',
  async (kind, { expect }) => {
    await using target = await openEmpty(kind)
    await expect(copyTables(source.read, spoiling(target.db))).rejects.toThrow('differs from its source in models')
    await expect(target.startServer()).rejects.toThrow('is under way or has failed')
  },
)

test.for(kinds)('a copy on %s that ends before its last step is neither empty nor whole', async (kind, { expect }) => {
  await using target = await openEmpty(kind)
  const stop = () => Promise.reject(new Error('killed'))
  await expect(copyTables(source.read, target.db, { beforeLast: stop })).rejects.toThrow('killed')
  await expect(copyTables(source.read, target.db)).rejects.toThrow('is not empty')
  await expect(target.startServer()).rejects.toThrow('is under way or has failed')
})

/** Each transaction also changes a row that an earlier one has copied. */
function spoiling(db: Database): Database {
  const transaction: Database['transaction'] = work =>
    db.transaction(async (trx, log) => {
      const value = await work(trx, log)
      await trx.updateTable('models').set({ description: 'another' }).where('name', '=', 'Zebra').execute()
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
