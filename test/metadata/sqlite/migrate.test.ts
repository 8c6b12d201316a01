import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { foldText } from '../../../src/domain/text.ts'
import type { Transaction } from '../../../src/metadata/database.ts'
import { type Migration, migrate } from '../../../src/metadata/migrate.ts'
import * as initial from '../../../src/metadata/migrations/001-initial.ts'
import * as manyProcesses from '../../../src/metadata/migrations/002-many-processes.ts'
import { listModels, type ModelFilter } from '../../../src/metadata/model-lists.ts'
import { SqliteDatabase } from '../../../src/metadata/sqlite/sqlite-database.ts'
import { sqliteMigrations } from '../../../src/metadata/sqlite/sqlite-migrations.ts'
import { findVersion } from '../../../src/metadata/versions.ts'
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

test('names and tags of the first release come into normal form C, and each is found by it', async () => {
  await using temporary = await temporaryFile()
  const { file } = temporary
  await migrateFile(file, [initial])
  const decomposed = 'Größe é'.normalize('NFD')
  const first = new DatabaseSync(file)
  first.exec(`
    INSERT INTO teams (id, namespace, created_at) VALUES ('te0', 'team', 1);
    INSERT INTO users (id, team_id, name, created_at) VALUES ('us0', 'te0', 'u', 1);
    INSERT INTO models (id, team_id, name, is_public, created_at, modified_at, last_version)
      VALUES ('mo0', 'te0', '${decomposed}', 0, 1, 1, 2), ('mo1', 'te0', '${decomposed}', 0, 1, 1, 0);
    INSERT INTO versions (model_id, number, user_id, tags, created_at, modified_at)
      VALUES ('mo0', 1, 'us0', '["plain","${decomposed}","Größe é"]', 1, 1), ('mo0', 2, 'us0', '["plain"]', 1, 1);
    INSERT INTO version_tags (model_id, number, tag)
      VALUES ('mo0', 1, 'plain'), ('mo0', 1, '${decomposed}'), ('mo0', 1, 'Größe é'), ('mo0', 2, 'plain');`)
  first.close()
  const database = await SqliteDatabase.open(file)
  const list = async (filter: Omit<ModelFilter, 'teamId'>) => {
    const slice = { after: undefined, limit: 10, order: 'asc' } as const
    return (await listModels(database.read, { teamId: 'te0', ...filter }, slice)).items.map(({ id }) => id)
  }
  expect(await list({ name: 'Größe é' })).toEqual(['mo0', 'mo1'])
  expect(await list({ name: 'Größe é', ownsName: true })).toEqual(['mo0'])
  expect(await list({ search: foldText('größe É') })).toEqual(['mo0', 'mo1'])
  expect(await list({ tag: 'Größe é' })).toEqual(['mo0'])
  expect((await findVersion(database.read, 'mo0', 1))?.tags).toEqual(['plain', 'Größe é'])
  await database.close()
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
