import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { takeBackup } from '../../src/backup/take-backup.ts'
import { databaseFile } from '../../src/data-dir.ts'
import { CURRENT_STEP } from '../../src/metadata/migrate.ts'
import type { Registry } from '../../src/registry/registry.ts'
import { knownIds, storedIds } from '../jobs/support.ts'
import { run } from '../lifecycle/server-process.ts'
import { databaseEnvironment, postgresqlServer, queryDatabase } from '../support/databases.ts'
import { finishJobs } from '../support/jobs.ts'
import { runSql } from '../support/postgresql-databases.ts'
import { keepModel, startRegistry } from '../support/registry.ts'
import { storedFiles } from '../support/stored-files.ts'
import { temporaryDirectory } from './support.ts'

const NO_GRACE = { HOLOTYPE_RECLAIM_GRACE_SECONDS: '0' }

test('a backup says what it holds, and its manifest comes with the hash of its database', async () => {
  await using registry = await startRegistry()
  await using temporary = await temporaryDirectory()
  await keepModel(registry.writer, { 'a.bin': 'aaa', 'b.bin': 'bb' })
  const target = join(temporary.path, 'new', 'backup')
  const { code, stdout } = await run(['backup', target, '--json', '--data-dir', registry.dataDir])
  const manifest = JSON.parse(await readFile(join(target, 'manifest.json'), 'utf8'))
  expect(manifest).toEqual({
    format: 1,
    takenAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    blobs: 2,
    bytes: 5,
    databaseSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    contents: {
      step: CURRENT_STEP,
      tables: expect.objectContaining({
        blobs: { rows: 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
        aliases: { rows: 0, sha256: createHash('sha256').digest('hex') },
      }),
    },
  })
  expect({ code, answer: JSON.parse(stdout) }).toEqual({
    code: 0,
    answer: { ...manifest, broken: [], elsewhere: { blobs: 0, bytes: 0 } },
  })
  expect((await readdir(target)).sort()).toEqual(['blobs', 'manifest.json', 'registry.sqlite', 'tmp'])
})

test('a directory that holds anything is refused and left as it is', async () => {
  await using registry = await startRegistry()
  await using temporary = await temporaryDirectory()
  await writeFile(join(temporary.path, 'mine'), 'mine')
  const refused = await run(['backup', temporary.path, '--data-dir', registry.dataDir])
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toContain(`${temporary.path} is not empty`)
  expect(await readdir(temporary.path)).toEqual(['mine'])
})

test.for(['backup', 'verify'])(
  '%s of a directory without a registry refuses with a sentence and makes nothing',
  async (command, { expect }) => {
    await using temporary = await temporaryDirectory()
    const dataDir = join(temporary.path, 'data')
    const args = command === 'backup' ? [command, join(temporary.path, 'backup')] : [command]
    const refused = await run([...args, '--data-dir', dataDir])
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toMatch(/there is no registry in|the database is at step 0/)
    expect(await readdir(temporary.path)).toEqual([])
  },
)

test('a database of a newer release is refused and left as it is', async () => {
  await using registry = await startRegistry()
  await using temporary = await temporaryDirectory()
  await setStep(registry.dataDir, 99)
  for (const args of [['verify'], ['backup', join(temporary.path, 'backup')]]) {
    const refused = await run([...args, '--data-dir', registry.dataDir])
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain('use a newer release')
  }
  expect(await readStep(registry.dataDir)).toBe(99)
})

/** Where each database counts the steps that its tables have been through. */
async function setStep(dataDir: string, step: number): Promise<void> {
  const { HOLOTYPE_DATABASE_URL: url } = await databaseEnvironment(dataDir)
  if (url !== undefined) return void (await runSql(url, `update schema_step set step = ${step}`))
  const database = new DatabaseSync(databaseFile(dataDir))
  database.exec(`PRAGMA user_version = ${step}`)
  database.close()
}

async function readStep(dataDir: string): Promise<unknown> {
  const onPostgresql = postgresqlServer() !== undefined
  const [row] = await queryDatabase(dataDir, onPostgresql ? 'select step from schema_step' : 'PRAGMA user_version')
  return Object.values(row ?? {})[0]
}

test.for([
  ['missing', (file: string) => rm(file), 'its bytes are not in the store'],
  ['changed', (file: string) => writeFile(file, 'WEIGHTS'), 'its sha256 is now'],
  ['shorter', (file: string) => writeFile(file, 'w'), '7 bytes were accepted'],
] as const)(
  'bytes that are %s fail the backup, which names them and has no manifest (R27)',
  async ([, spoil, reason], { expect }) => {
    await using registry = await startRegistry()
    await using temporary = await temporaryDirectory()
    const { id } = await keepModel(registry.writer, { 'folder/weights.bin': 'weights' }, { name: 'resnet' })
    const [file] = await storedFiles(registry.dataDir)
    await keepModel(registry.writer, { 'fine.bin': 'fine' })
    await spoil(String(file))
    const target = join(temporary.path, 'backup')
    const { code, stdout, stderr } = await run(['backup', target, '--data-dir', registry.dataDir])
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' })
    for (const part of [reason, id, '"resnet"', 'version 1', '"folder/weights.bin"']) expect(stderr).toContain(part)
    expect(stderr).not.toContain('fine.bin')
    expect(await readdir(target)).not.toContain('manifest.json')
    const refused = await run(['restore', target, '--data-dir', join(temporary.path, 'restored')])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('is not a finished backup')
  },
)

test('what is already marked as damaged can be left out knowingly, and stays marked after the restore', async () => {
  await using registry = await startRegistry()
  await using temporary = await temporaryDirectory()
  const { id } = await keepModel(registry.writer, { 'weights.bin': 'weights' })
  const [file] = await storedFiles(registry.dataDir)
  await keepModel(registry.writer, { 'fine.bin': 'fine' })
  await writeFile(String(file), 'WEIGHTS')
  const backup = (name: string) =>
    run(['backup', join(temporary.path, name), '--without-damaged', '--data-dir', registry.dataDir])
  // Damage that nobody knew of is never left out.
  expect((await backup('first')).code).toBe(6)
  expect((await run(['verify', '--data-dir', registry.dataDir])).code).toBe(6)
  const second = await backup('second')
  expect(second.code).toBe(0)
  expect(second.stderr).toContain('"weights.bin"')
  const restored = join(temporary.path, 'restored')
  expect((await run(['restore', join(temporary.path, 'second'), '--data-dir', restored])).code).toBe(0)
  await using again = await startRegistry({
    HOLOTYPE_DATA_DIR: restored,
    HOLOTYPE_ADMIN_KEY: registry.admin.key,
  })
  expect((await again.admin.get(`/models/${id}/versions/1/files/weights.bin`)).statusCode).toBe(500)
})

test('what is deleted while the copy runs is in the backup, and is reclaimed after it', async () => {
  await using registry = await startRegistry(NO_GRACE)
  await using temporary = await temporaryDirectory()
  const { app, writer } = registry
  const models = [await keepModel(writer, { 'a.bin': 'a' }), await keepModel(writer, { 'b.bin': 'b' })]
  let isDeleted = false
  const deleteAll = async () => {
    if (isDeleted) return
    isDeleted = true
    for (const { id } of models) await writer.delete(`/models/${id}`)
    await finishJobs(app)
  }
  const result = await takeBackup(withReadHook(app.registry, deleteAll), {
    dataDir: registry.dataDir,
    target: join(temporary.path, 'backup'),
  })
  expect(isDeleted).toBe(true)
  expect(result).toMatchObject({ manifest: { blobs: 2, bytes: 2 }, broken: [] })
  expect(await app.registry.db.read.selectFrom('holds').selectAll().execute()).toEqual([])
  await finishJobs(app)
  expect(await storedIds(app)).toEqual([])
  expect(await knownIds(app)).toEqual([])
})

test('a backup that was killed leaves a hold that ends, and the next backup clears it away', async () => {
  await using registry = await startRegistry()
  await using temporary = await temporaryDirectory()
  const { db } = registry.app.registry
  await db.transaction(trx => trx.insertInto('holds').values({ name: 'backup-killed', until: 1 }).execute())
  expect((await run(['backup', join(temporary.path, 'backup'), '--data-dir', registry.dataDir])).code).toBe(0)
  expect(await db.read.selectFrom('holds').selectAll().execute()).toEqual([])
})

test('two backups at the same time hold for each other', async () => {
  await using registry = await startRegistry()
  await using temporary = await temporaryDirectory()
  await keepModel(registry.writer)
  const targets = ['one', 'two'].map(name => join(temporary.path, name))
  const outcomes = await Promise.all(targets.map(target => run(['backup', target, '--data-dir', registry.dataDir])))
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0])
  await mkdir(join(temporary.path, 'restored'))
  for (const target of targets) expect(await storedFiles(target)).toHaveLength(1)
})

/** The same registry, with something that happens before the first byte is copied. */
function withReadHook(registry: Registry, hook: () => Promise<void>): Registry {
  const of: Registry['stores']['of'] = async provider => {
    const store = await registry.stores.of(provider)
    await hook()
    return store
  }
  return { ...registry, stores: { ...registry.stores, of } }
}

test('a backup inside the data directory is refused: it would be lost together with it', async () => {
  await using registry = await startRegistry()
  for (const target of [join(registry.dataDir, 'backup'), registry.dataDir]) {
    const result = await run(['backup', target, '--data-dir', registry.dataDir])
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('choose a directory elsewhere') })
  }
})
