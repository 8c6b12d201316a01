/** The database is gone, or another one is in its place: the stored bytes stay, and no new registry begins among them. */
import { copyFile, mkdtemp, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepModel, startRegistry } from '../../support/registry.ts'
import { storedFiles } from '../../support/stored-files.ts'
import { run } from '../server-process.ts'

let root: string
let dataDir: string
let database: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'holotype-lost-'))
  dataDir = join(root, 'data')
  database = join(dataDir, 'registry.sqlite')
})
afterEach(() => rm(root, { recursive: true, force: true }))

/** Keeps as many models, each with a file of its own, and stops. */
async function makeRegistry(models: number): Promise<{ key: string | undefined; ids: string[] }> {
  await using registry = await startRegistry({ HOLOTYPE_DATA_DIR: dataDir })
  const ids: string[] = []
  for (let index = 0; index < models; index++) {
    ids.push((await keepModel(registry.writer, { 'weights.bin': `weights ${index}` })).id)
  }
  return { key: registry.admin.key, ids }
}

async function removeMarks(): Promise<void> {
  await rm(join(dataDir, 'blobs', 'instance'))
}

const LOSSES: Record<string, () => Promise<unknown>> = {
  'moved away': () => rename(database, join(root, 'elsewhere')),
  'of 0 bytes': () => truncate(database),
  'moved away, and the store of the first release': async () => [
    await rename(database, join(root, 'x')),
    await removeMarks(),
  ],
  'replaced by an empty database': async () => {
    await rm(database)
    const empty = new DatabaseSync(database)
    empty.exec('PRAGMA journal_mode = WAL; PRAGMA user_version = 0')
    empty.close()
  },
  'cut off': () => truncate(database, 5000),
  'another file': () => writeFile(database, 'not a database at all '.repeat(100)),
}

test.each(Object.keys(LOSSES))('with a database %s the start fails with a sentence, and all bytes stay', async name => {
  const { key, ids } = await makeRegistry(2)
  await copyFile(database, join(root, 'kept'))
  const stored = await storedFiles(dataDir)
  await LOSSES[name]?.()
  const before = await readdir(dataDir)
  const refused = await run(['serve', '--port', '0', '--data-dir', dataDir])
  expect(refused).toMatchObject({ stdout: '' })
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toMatch(/^error: .*(bring|restore a backup)/)
  expect(refused.stderr).not.toContain('    at ')
  expect(await storedFiles(dataDir)).toEqual(stored)
  expect(await readdir(dataDir)).toEqual(before)
  await copyFile(join(root, 'kept'), database)
  await using registry = await startRegistry({ HOLOTYPE_DATA_DIR: dataDir, HOLOTYPE_ADMIN_KEY: key })
  expect((await registry.admin.get(`/models/${ids[1]}/versions/1/files/weights.bin`)).body).toBe('weights 1')
})

test('a database moved away without its log is not begun anew: the log would be lost', async () => {
  await makeRegistry(0)
  // What is left beside the database when the server was killed.
  await writeFile(`${database}-wal`, 'the last changes')
  await rename(database, join(root, 'elsewhere'))
  await removeMarks()
  const refused = await run(['serve', '--port', '0', '--data-dir', dataDir])
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('its log') })
  expect((await readdir(dataDir)).sort()).toEqual(['blobs', 'lock.sqlite', 'registry.sqlite-wal', 'tmp'])
})

test.each(['backup', 'verify', 'migrate-to', 'sweep'])(
  '%s says that the database is missing or empty',
  async command => {
    await makeRegistry(1)
    const args = { backup: [join(root, 'backup')], 'migrate-to': ['postgresql://127.0.0.1:1/none'] }[command] ?? []
    for (const lose of [() => truncate(database), () => rm(database)]) {
      await lose()
      const refused = await run([command, ...args, '--data-dir', dataDir])
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(`there is no registry in ${dataDir}`) })
    }
    expect(await readdir(dataDir)).not.toContain('registry.sqlite')
  },
)

test("with yesterday's database the newer bytes stay, and are there when today's comes back", async () => {
  const { key } = await makeRegistry(1)
  const env = { HOLOTYPE_DATA_DIR: dataDir, HOLOTYPE_ADMIN_KEY: key }
  const [yesterday, today] = [join(root, 'yesterday'), join(root, 'today')]
  await copyFile(database, yesterday)
  const added: string[] = []
  {
    await using registry = await startRegistry(env)
    for (let index = 0; index < 5; index++) {
      added.push((await keepModel(registry.writer, { 'weights.bin': `added ${index}` })).id)
    }
  }
  await copyFile(database, today)
  await copyFile(yesterday, database)
  {
    await using registry = await startRegistry(env)
    await registry.listen()
    await expect
      .poll(() => registry.app.registry.db.read.selectFrom('unknown_bytes').select('blob_id').execute())
      .toHaveLength(5)
    // Also with something newer than the bytes in the database.
    await keepModel(registry.writer, { 'weights.bin': 'newest' })
    await registry.app.worker.processDue()
  }
  {
    await using registry = await startRegistry(env)
    await registry.listen()
    await registry.app.worker.processDue()
  }
  await copyFile(today, database)
  await using registry = await startRegistry(env)
  for (const [index, id] of added.entries()) {
    expect((await registry.admin.get(`/models/${id}/versions/1/files/weights.bin`)).body).toBe(`added ${index}`)
  }
})
