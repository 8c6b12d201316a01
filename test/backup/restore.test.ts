import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { takeBackup } from '../../src/backup/take-backup.ts'
import { run } from '../lifecycle/server-process.ts'
import { postgresqlServer } from '../support/databases.ts'
import { keepModel, startRegistry } from '../support/registry.ts'
import { storedFiles } from '../support/stored-files.ts'
import { temporaryDirectory } from './support.ts'

/** Taken once; each test gets a copy of its own. */
let original: Awaited<ReturnType<typeof temporaryDirectory>>
let model: string
let key: string | undefined

let temporary: Awaited<ReturnType<typeof temporaryDirectory>>
let backup: string
let restored: string

beforeAll(async () => {
  original = await temporaryDirectory()
  await using registry = await startRegistry()
  key = registry.admin.key
  model = (await keepModel(registry.writer, { 'weights.bin': 'weights', 'config.json': '{}' }, { name: 'resnet' })).id
  const { manifest } = await takeBackup(registry.app.registry, { dataDir: registry.dataDir, target: original.path })
  expect(manifest).toMatchObject({ blobs: 2 })
})

afterAll(() => original[Symbol.asyncDispose]())

beforeEach(async () => {
  temporary = await temporaryDirectory()
  backup = join(temporary.path, 'backup')
  restored = join(temporary.path, 'restored')
  await cp(original.path, backup, { recursive: true })
})

afterEach(() => temporary[Symbol.asyncDispose]())

const restore = (...args: string[]) => run(['restore', backup, '--data-dir', restored, ...args])

test('a backup comes back byte for byte, more than once, and is left as it is', async () => {
  const before = await contents(backup)
  expect(await restore('--json')).toMatchObject({ code: 0 })
  expect(await contents(join(restored, 'blobs'))).toEqual(await contents(join(backup, 'blobs')))
  const onlyEmbedded = postgresqlServer() === undefined ? ['registry.sqlite'] : []
  expect((await readdir(restored)).sort()).toEqual(['blobs', 'lock.sqlite', ...onlyEmbedded, 'tmp'])
  expect(await contents(backup)).toEqual(before)
  await using registry = await startRegistry({ HOLOTYPE_DATA_DIR: restored, HOLOTYPE_ADMIN_KEY: key })
  expect((await registry.admin.get(`/models/${model}/versions/latest/files/weights.bin`)).body).toBe('weights')
  await keepModel(registry.writer, { 'more.bin': 'more' })
  expect((await run(['restore', backup, '--data-dir', join(temporary.path, 'again')])).code).toBe(0)
})

test('a data directory or a database in use is refused', async () => {
  await using registry = await startRegistry()
  const refused = await run(['restore', backup, '--data-dir', registry.dataDir])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toMatch(/another Holotype is using the data directory|HOLOTYPE_DATABASE_URL is not empty/)
  expect((await registry.admin.get('/models')).json().items).toEqual([])
})

test('a data directory with a registry is refused and left as it is', async () => {
  expect((await restore()).code).toBe(0)
  const before = await contents(restored)
  const refused = await restore()
  expect(refused.code).toBe(2)
  expect(refused.stderr).toMatch(/there is a registry in .* already|HOLOTYPE_DATABASE_URL is not empty/)
  expect(await contents(restored)).toEqual(before)
})

test.for([
  ['changed', (file: string) => writeFile(file, 'WEIGHTS'), 'its sha256 is now'],
  ['cut short', (file: string) => writeFile(file, ''), '7 bytes were accepted'],
  ['missing', (file: string) => rm(file), 'its bytes are not in the store'],
] as const)(
  'a backup with a blob %s is refused by name and puts nothing in place; mended, it works',
  async ([, spoil, reason], { expect }) => {
    const file = await blobWith('weights')
    await spoil(file)
    const refused = await restore()
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 6, stdout: '' })
    for (const part of [reason, model, '"resnet"', 'version 1', '"weights.bin"', 'nothing was put in place']) {
      expect(refused.stderr).toContain(part)
    }
    expect(await readdir(restored)).not.toContain('registry.sqlite')
    await writeFile(file, 'weights')
    expect((await restore()).code).toBe(0)
    expect((await run(['verify', '--data-dir', restored])).code).toBe(0)
  },
)

test.for([
  ['a flipped bit', (bytes: Buffer) => bytes.fill(Number(bytes[5000]) ^ 1, 5000, 5001)],
  ['half of it missing', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  ['nothing in it', () => Buffer.alloc(0)],
] as const)('a backup whose database has %s is refused', async ([, spoil], { expect }) => {
  const file = join(backup, 'registry.sqlite')
  await writeFile(file, spoil(await readFile(file)))
  const refused = await restore()
  expect(refused.code).toBe(6)
  expect(refused.stderr).toContain('registry.sqlite is not the one that the manifest names')
  expect(await readdir(restored)).not.toContain('registry.sqlite')
})

test.for([
  ['no manifest', undefined, 'is not a finished backup'],
  ['half a manifest', '{"format": 1,', 'is damaged or of another release'],
  ['a manifest of another format', '{"format": 2, "databaseSha256": ""}', 'is damaged or of another release'],
] as const)('a directory with %s is refused before anything is made', async ([, manifest, reason], { expect }) => {
  const file = join(backup, 'manifest.json')
  if (manifest === undefined) await rm(file)
  else await writeFile(file, manifest)
  const refused = await restore()
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain(reason)
  expect(await readdir(temporary.path)).toEqual(['backup'])
})

test('tables that are not what the manifest says are refused, and nothing is put in place', async () => {
  const file = join(backup, 'manifest.json')
  const manifest = JSON.parse(await readFile(file, 'utf8'))
  manifest.contents.tables.files.sha256 = '0'.repeat(64)
  await writeFile(file, JSON.stringify(manifest))
  const refused = await restore()
  expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 6, stdout: '' })
  expect(refused.stderr).toContain('not what the manifest says is in files')
  expect(await storedFiles(restored)).toEqual([])
  // What is there is an empty place, in which a new registry can begin.
  await using registry = await startRegistry({ HOLOTYPE_DATA_DIR: restored })
  expect(registry.app.firstKey).toMatch(/^ht_/)
})

test('bytes never come among those of another registry', async () => {
  await using registry = await startRegistry()
  await mkdir(join(restored, 'blobs'), { recursive: true })
  await cp(join(registry.dataDir, 'blobs', 'instance'), join(restored, 'blobs', 'instance'))
  const refused = await restore()
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('holds the bytes of another registry') })
  expect(await storedFiles(restored)).toEqual([])
})

async function blobWith(content: string): Promise<string> {
  for (const file of await storedFiles(backup)) if ((await readFile(file, 'utf8')) === content) return file
  throw new Error('the backup has no such blob')
}

async function contents(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  const pairs = await Promise.all(
    files.map(async file => [file.slice(directory.length), await readFile(file, 'base64')] as const),
  )
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)))
}
