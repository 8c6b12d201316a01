/** A directory that is no registry's is refused, and nothing in it is touched: by a start, and by a restore. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startRegistry } from '../support/registry.ts'
import { run, serve } from './server-process.ts'

let root: string
let dataDir: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'holotype-foreign-'))
  dataDir = join(root, 'data')
  await mkdir(dataDir)
})
afterEach(() => rm(root, { recursive: true, force: true }))

const STAGED = `bl0123456789abc.${'0'.repeat(24)}`

const FOREIGN: Record<string, (dataDir: string) => Promise<unknown>> = {
  'a file': dir => writeFile(join(dir, 'notes.txt'), 'mine'),
  'a hidden file': dir => writeFile(join(dir, '.env'), 'mine'),
  'a folder': dir => mkdir(join(dir, 'photos')),
  'a file in tmp': dir => put(dir, 'tmp', 'thesis.tex'),
  'a folder in tmp': dir => put(dir, 'tmp', 'chapters', 'one.tex'),
  'a file in tmp beside one of ours': async dir => [await put(dir, 'tmp', STAGED), await put(dir, 'tmp', 'thesis.tex')],
  'a file in blobs': dir => put(dir, 'blobs', 'photo.jpg'),
  'a file of another name in a folder of ours': dir => put(dir, 'blobs', '01', 'photo.jpg'),
  'a folder with the name of a staged file': dir => put(dir, 'tmp', STAGED, 'thesis.tex'),
  'a link in the place of tmp': async dir => [
    await put(root, 'elsewhere', 'mine'),
    await link('elsewhere', dir, 'tmp'),
  ],
  'a link in the place of blobs': async dir => [
    await put(root, 'elsewhere', 'mine'),
    await link('elsewhere', dir, 'blobs'),
  ],
  'a link among staged files': async dir => [
    await put(root, 'thesis.tex'),
    await put(dir, 'tmp', STAGED),
    await link('thesis.tex', dir, 'tmp', STAGED.replace('abc', 'abd')),
  ],
  'an empty file of the name of the database, and a file in tmp': async dir => [
    await writeFile(join(dir, 'registry.sqlite'), ''),
    await put(dir, 'tmp', 'thesis.tex'),
  ],
  'a text of the name of the database, and a file in tmp': async dir => [
    await writeFile(join(dir, 'registry.sqlite'), 'a list of registries'),
    await put(dir, 'tmp', 'thesis.tex'),
  ],
}

async function put(...parts: string[]): Promise<void> {
  await mkdir(join(...parts.slice(0, -1)), { recursive: true })
  await writeFile(join(...parts), 'mine')
}

async function link(target: string, ...parts: string[]): Promise<void> {
  await symlink(join(root, target), join(...parts))
}

async function everything(): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const lines = entries.map(async entry => {
    const path = join(entry.parentPath, entry.name)
    return `${path} ${entry.isFile() ? await readFile(path, 'utf8') : ''}`
  })
  return (await Promise.all(lines)).sort()
}

describe.each(Object.keys(FOREIGN))('a directory with %s', name => {
  test('is refused by a start, which changes nothing in it', async () => {
    await FOREIGN[name]?.(dataDir)
    const before = await everything()
    const refused = await run(['serve', '--port', '0', '--data-dir', dataDir])
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain('holds no registry, but is not empty')
    expect(refused.stderr).toContain(dataDir)
    expect(await everything()).toEqual(before)
  })
})

test.each(['a file', 'a folder in tmp', 'a link in the place of tmp', 'a link among staged files'])(
  'a directory with %s is refused by a restore, which changes nothing in it',
  async name => {
    await using registry = await startRegistry()
    const backup = join(root, 'backup')
    expect((await run(['backup', backup, '--data-dir', registry.dataDir])).code).toBe(0)
    await FOREIGN[name]?.(dataDir)
    const before = await everything()
    const refused = await run(['restore', backup, '--data-dir', dataDir])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('holds no registry, but is not empty')
    expect(await everything()).toEqual(before)
  },
)

test('an empty directory, a new file system and what a killed first start left are taken', async () => {
  await mkdir(join(dataDir, 'lost+found'))
  for (const name of ['tmp', 'blobs']) await mkdir(join(dataDir, name))
  await put(dataDir, 'tmp', `instance.${'0'.repeat(24)}`)
  await using server = await serve(dataDir)
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
})

test("a registry may have its owner's own files beside it, and they stay", async () => {
  const first = await serve(dataDir)
  await first.end('SIGTERM')
  await put(dataDir, 'notes.txt')
  await put(dataDir, 'tmp', 'thesis.tex')
  await put(dataDir, 'tmp', 'chapters', 'one.tex')
  await put(root, 'elsewhere', 'mine')
  await link('elsewhere', dataDir, 'tmp', 'link')
  const mine = (await everything()).filter(line => line.endsWith(' mine'))
  const second = await serve(dataDir)
  await second.end('SIGTERM')
  expect((await everything()).filter(line => line.endsWith(' mine'))).toEqual(mine)
})

test('the SQLite database of something else is refused and left as it is', async () => {
  const file = join(dataDir, 'registry.sqlite')
  const database = new DatabaseSync(file)
  database.exec('CREATE TABLE recipes (name TEXT); PRAGMA user_version = 2')
  database.close()
  const before = await readFile(file)
  const refused = await run(['serve', '--port', '0', '--data-dir', dataDir])
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toMatch(/is the database of something else|a registry with a database of its own/)
  expect(await readFile(file)).toEqual(before)
})
