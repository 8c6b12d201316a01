import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { Transaction } from '../../../src/metadata/database.ts'
import { type Migration, migrate } from '../../../src/metadata/migrate.ts'
import * as initial from '../../../src/metadata/migrations/001-initial.ts'
import * as manyProcesses from '../../../src/metadata/migrations/002-many-processes.ts'
import { SqliteDatabase } from '../../../src/metadata/sqlite/sqlite-database.ts'
import { sqliteMigrations } from '../../../src/metadata/sqlite/sqlite-migrations.ts'
import { put, readAll, temporaryFile } from '../support.ts'

const released = [initial, manyProcesses]

const addColumn = {
  up: (trx: Transaction) => trx.schema.alterTable('holds').addColumn('note', 'text').execute(),
}

const failHalfWay = {
  async up(trx: Transaction) {
    await trx.schema.alterTable('holds').addColumn('half', 'text').execute()
    await trx.deleteFrom('holds').execute()
    throw new Error('the second half fails')
  },
}

test('a fresh file gets its tables, and opening it again changes nothing', async () => {
  await using temporary = await temporaryFile()
  const { file } = temporary
  const first = await SqliteDatabase.open(file)
  await first.transaction(trx => put(trx, 'kept', 1))
  await first.close()
  const before = describe(file)
  const second = await SqliteDatabase.open(file)
  expect(await readAll(second.read)).toEqual({ kept: 1 })
  await second.close()
  expect(describe(file)).toEqual(before)
  expect(before.step).toBe(released.length)
})

test('a database of the release before gets the missing step and keeps its rows (R33)', async () => {
  await using temporary = await temporaryFile()
  const { file } = temporary
  const old = await SqliteDatabase.open(file)
  await old.transaction(trx => put(trx, 'kept', 1))
  await old.close()
  await migrateFile(file, [...released, addColumn])
  expect(describe(file)).toMatchObject({ step: 3, rows: [{ name: 'kept', until: 1, note: null }] })
  await migrateFile(file, [...released, addColumn])
  expect(describe(file).step).toBe(3)
})

test('a step that fails is rolled back wholly, and the steps before it stay (R33)', async () => {
  await using temporary = await temporaryFile()
  const { file } = temporary
  const old = await SqliteDatabase.open(file)
  await old.transaction(trx => put(trx, 'kept', 1))
  await old.close()
  await expect(migrateFile(file, [...released, addColumn, failHalfWay])).rejects.toThrow('the second half fails')
  expect(describe(file)).toMatchObject({ step: 3, rows: [{ name: 'kept', until: 1, note: null }] })
  await expect(migrateFile(file, [...released, addColumn])).resolves.toBe(undefined)
})

test('a database of a newer release is refused and left as it is', async () => {
  await using temporary = await temporaryFile()
  const { file } = temporary
  await migrateFile(file, [...released, addColumn])
  const before = describe(file)
  await expect(SqliteDatabase.open(file)).rejects.toThrow(
    'the database is at step 3, but this Holotype knows only 2: use a newer release',
  )
  await expect(SqliteDatabase.open(file, { attach: true })).rejects.toThrow('use a newer release')
  expect(describe(file)).toEqual(before)
})

test('beside a server, a database that is not up to date is refused and left as it is', async () => {
  await using temporary = await temporaryFile()
  const { file } = temporary
  new DatabaseSync(file).close()
  await expect(SqliteDatabase.open(file, { attach: true })).rejects.toThrow(
    'the database is at step 0 of 2: start the registry once with this release',
  )
  const database = new DatabaseSync(file)
  expect(database.prepare('SELECT name FROM sqlite_schema').all()).toEqual([])
  database.close()
})

async function migrateFile(file: string, migrations: Migration[]): Promise<void> {
  const database = new DatabaseSync(file)
  try {
    await migrate(sqliteMigrations(database), migrations)
  } finally {
    database.close()
  }
}

function describe(file: string) {
  const database = new DatabaseSync(file)
  const step = database.prepare('PRAGMA user_version').get()?.['user_version']
  const schema = database.prepare('SELECT sql FROM sqlite_schema ORDER BY name').all()
  const rows = database
    .prepare('SELECT * FROM holds ORDER BY name')
    .all()
    .map(row => ({ ...row }))
  database.close()
  return { step, schema: schema.map(row => row['sql']), rows }
}
