/** An embedded registry goes into PostgreSQL. */
import { existsSync } from 'node:fs'
import { cp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createApp } from '../../../src/app.ts'
import { readConfig } from '../../../src/config.ts'
import { databaseFile } from '../../../src/data-dir.ts'
import { run, serve } from '../../lifecycle/server-process.ts'
import { createDatabase, dropDatabase, runSql } from '../../support/postgresql-databases.ts'
import { startRegistry } from '../../support/registry.ts'
import { type LivedIn, leaveTraces, liveIn, REPEATED, readEverything } from '../lived-in.ts'
import { temporaryDirectory } from '../support.ts'

const server = String(process.env['HOLOTYPE_TEST_POSTGRESQL'])
/** Says that the registry is the embedded one, also in this run on PostgreSQL. */
const EMBEDDED = { HOLOTYPE_DATABASE_URL: '' }

/** Made once; each test gets a copy of its own. */
let original: Awaited<ReturnType<typeof temporaryDirectory>>
let lived: LivedIn
let writerKey: string | undefined
let answers: Record<string, unknown>

let temporary: Awaited<ReturnType<typeof temporaryDirectory>>
let dataDir: string
let url: string

beforeAll(async () => {
  original = await temporaryDirectory()
  await using registry = await startRegistry({ ...EMBEDDED, HOLOTYPE_DATA_DIR: original.path })
  lived = await liveIn(registry)
  await leaveTraces(registry.app.registry.db)
  writerKey = registry.writer.key
  answers = await readEverything(registry.writer, lived)
})
afterAll(() => original[Symbol.asyncDispose]())

beforeEach(async () => {
  temporary = await temporaryDirectory()
  dataDir = join(temporary.path, 'data')
  await cp(original.path, dataDir, { recursive: true })
  const made = new URL(await createDatabase(server))
  // This server lets everyone in, so the password is only something to be found where it must not be.
  made.password = 'open-sesame'
  url = made.href
})
afterEach(async () => {
  await dropDatabase(url)
  await temporary[Symbol.asyncDispose]()
})

const move = (args: string[], env = {}) => run(['migrate-to', ...args, '--data-dir', dataDir], { ...EMBEDDED, ...env })
const shownUrl = () => url.replace(':open-sesame', '')

test('everything is there after the move, and works on', async () => {
  // This directory is a copy, so its lock has to find out first that it is another file.
  const { [join(dataDir, 'lock.sqlite')]: _, ...before } = await contents(dataDir)
  const moved = await move([url])
  expect(moved).toMatchObject({ code: 0, stderr: '' })
  expect(moved.stdout).toContain(`HOLOTYPE_DATABASE_URL=${shownUrl()} HOLOTYPE_DATA_DIR=${dataDir} npx holotype serve`)
  expect(await contents(dataDir)).toMatchObject(before)

  const env = { HOLOTYPE_DATA_DIR: dataDir, HOLOTYPE_DATABASE_URL: url, HOLOTYPE_LOG_LEVEL: 'silent' }
  await using app = await createApp(readConfig(env))
  expect(app.firstKey).toBe(undefined)
  const call = (method: 'GET' | 'POST', path: string, body?: object, headers = {}) =>
    app.server.inject({
      method,
      url: `/v1${path}`,
      ...(body && { payload: body }),
      headers: { authorization: `Bearer ${writerKey}`, ...headers },
    })
  expect(await readEverything({ get: path => call('GET', path) }, lived)).toEqual(answers)
  // The first result, not a second model.
  expect((await call('POST', '/models', { name: 'once' }, REPEATED)).json().id).toBe(lived.repeatedId)
  const { id } = (await call('POST', '/models', { name: 'the newest' })).json()
  expect((await call('GET', '/models')).json().items[0].id).toBe(id)
  expect((await call('POST', `/models/${lived.modelId}/versions`)).json().version).toBe('4')
})

test('the old registry is not started by mistake, and can be brought back', async () => {
  const moved = await move(['--json'], { HOLOTYPE_DATABASE_URL: url })
  const answer = JSON.parse(moved.stdout)
  expect(answer).toMatchObject({ dataDir, database: shownUrl(), tables: { models: { rows: 8 }, files: { rows: 5 } } })
  const mark = join(dataDir, 'registry.moved')
  expect(JSON.parse(await readFile(mark, 'utf8'))).toMatchObject({
    database: shownUrl(),
    instanceId: answer.instanceId,
  })
  for (const args of [['serve'], ['verify'], ['backup', join(temporary.path, 'backup')], ['migrate-to', url]]) {
    const refused = await run([...args, '--data-dir', dataDir], EMBEDDED)
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain(`was moved to ${shownUrl()}`)
    expect(refused.stderr).toContain(`remove ${mark}`)
  }
  expect(await run(['verify', '--data-dir', dataDir], { HOLOTYPE_DATABASE_URL: url })).toMatchObject({ code: 0 })
  await rm(mark)
  await using old = await serve(dataDir, EMBEDDED)
  const headers = { authorization: `Bearer ${writerKey}` }
  expect((await fetch(`${old.url}/v1/models/${lived.modelId}`, { headers })).status).toBe(200)
})

test('a registry that is running is refused, and one that is not there', async () => {
  await using running = await serve(dataDir, EMBEDDED)
  const refused = await move([url])
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('another Holotype is using the data dir') })
  await running.end('SIGKILL')
  const nothing = await run(['migrate-to', url, '--data-dir', temporary.path], EMBEDDED)
  expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no registry in') })
  expect(await runSql(url, `select to_regclass('teams') as found`)).toEqual([{ found: null }])
  // A killed server leaves its last commits in the log beside the database: they come along.
  expect(await move(['-'], { HOLOTYPE_DATABASE_URL: url })).toMatchObject({ code: 0 })
})

test('a database that is used already is refused and left as it is', async () => {
  const other = join(temporary.path, 'other')
  await (await createApp(readConfig({ HOLOTYPE_DATA_DIR: other, HOLOTYPE_DATABASE_URL: url }))).close()
  const before = await runSql(url, 'select * from instance, teams, users')
  const refused = await move([url])
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(`${shownUrl()} is not empty`) })
  expect(await runSql(url, 'select * from instance, teams, users')).toEqual(before)
  await runSql(url, 'update schema_step set step = 1')
  expect(await move([url])).toMatchObject({ code: 1, stderr: expect.stringContaining('tables of another release') })
  expect(existsSync(join(dataDir, 'registry.moved'))).toBe(false)
})

test('a database that does not answer, or is none, is told without its password', async () => {
  const away = new URL(url)
  away.port = '1'
  const unreachable = await move([away.href])
  expect(unreachable).toMatchObject({ code: 1, stderr: expect.stringContaining('does not answer') })
  const wrong = await move(['mysql://holotype:open-sesame@127.0.0.1/x'])
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('must be a PostgreSQL URL') })
  const missing = await move([])
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('no database is named') })
  for (const { stdout, stderr } of [unreachable, wrong, missing, await move([url])]) {
    expect(stdout + stderr).not.toContain('open-sesame')
  }
  expect(await readFile(join(dataDir, 'registry.moved'), 'utf8')).not.toContain('open-sesame')
})

test('a database that stores other rows than it was given is found out, and neither registry is lost', async () => {
  await (
    await createApp(readConfig({ HOLOTYPE_DATA_DIR: join(temporary.path, 'o'), HOLOTYPE_DATABASE_URL: url }))
  ).close()
  await runSql(url, `truncate ${(await tablesOf(url)).join(', ')}`)
  await runSql(
    url,
    `create function spoil() returns trigger language plpgsql as
    $$ begin if new.name = 'Zebra' then new.description := 'another'; end if; return new; end $$`,
  )
  await runSql(url, 'create trigger spoil before insert on models for each row execute function spoil()')
  const failed = await move([url])
  expect(failed).toMatchObject({
    code: 6,
    stdout: '',
    stderr: expect.stringContaining('differs from its source in models'),
  })
  const refused = await run(['serve', '--port', '0', '--data-dir', dataDir], { HOLOTYPE_DATABASE_URL: url })
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('move it into that of HOLOTYPE_DATABASE_URL'),
  })
  const elsewhere = await run(['serve', '--port', '0', '--data-dir', join(temporary.path, 'new')], {
    HOLOTYPE_DATABASE_URL: url,
  })
  expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringContaining('is under way or has failed') })
  await using old = await serve(dataDir, EMBEDDED)
  expect((await fetch(`${old.url}/readyz`)).status).toBe(200)
})

test('a registry of the first release is asked to be started once before it moves', async () => {
  const file = new DatabaseSync(databaseFile(dataDir))
  file.exec('PRAGMA user_version = 1')
  file.close()
  expect(await move([url])).toMatchObject({ code: 1, stderr: expect.stringContaining('start the registry once') })
})

async function tablesOf(database: string): Promise<string[]> {
  const rows = await runSql<{ name: string }>(
    database,
    `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'schema_step'`,
  )
  return rows.map(({ name }) => name)
}

/** Without the files that SQLite keeps beside a database that is read. */
async function contents(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile() && !/-(wal|shm)$/.test(entry.name))
  const pairs = files.map(async ({ parentPath, name }) => {
    const file = join(parentPath, name)
    return [file, await readFile(file, 'base64')] as const
  })
  return Object.fromEntries(await Promise.all(pairs))
}
