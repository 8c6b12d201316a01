/** A database file that can't be used is named, with what is wrong and what to do; why the system refused it is not lost. */
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run, serve } from '../server-process.ts'
import { runUnprivileged } from '../unprivileged.ts'

let root: string
let dataDir: string
let database: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'holotype-unusable-'))
  await chmod(root, 0o755)
  dataDir = join(root, 'data')
  database = join(dataDir, 'registry.sqlite')
  await (await serve(dataDir)).end('SIGTERM')
})
afterEach(() => rm(root, { recursive: true, force: true }))

test.for([
  [
    'a directory',
    async () => [await rm(database), await mkdir(database)],
    /registry\.sqlite is a directory, and must be a file/,
  ],
  [
    'a link to nothing',
    async () => [await rm(database), await symlink(join(root, 'gone'), database)],
    /registry\.sqlite is a link to .*\/gone, where there is nothing/,
  ],
  [
    'a text',
    () => writeFile(database, 'a text '.repeat(1000)),
    /registry\.sqlite is no SQLite database: bring the right/,
  ],
  ['overwritten in the middle', () => overwrite(database, 4096), /registry\.sqlite is damaged: restore a backup/],
] as const)('a database that is %s', async ([, spoil, says], { expect }) => {
  await spoil()
  for (const args of [['serve', '--port', '0'], ['verify'], ['backup', join(root, 'backup')]]) {
    const refused = await run([...args, '--data-dir', dataDir])
    expect(refused).toMatchObject({ stdout: '' })
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toMatch(says)
    expect(refused.stderr).toContain(database)
  }
  expect(await readdir(root)).not.toContain('backup')
})

test.for(['registry.sqlite', 'lock.sqlite'])('a file %s that belongs to somebody else', async (name, { expect }) => {
  await chmod(dataDir, 0o777)
  for (const entry of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o777 : 0o666)
  }
  await chmod(join(dataDir, name), 0o444)
  for (const args of [['serve', '--port', '0'], ['verify'], ['migrate-to', 'postgresql://127.0.0.1:1/none']]) {
    const refused = await runUnprivileged([...args, '--data-dir', dataDir])
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(
      new RegExp(`user \\d+ may not read and write ${join(dataDir, name)}, which belongs to user \\d+ \\(mode 0444\\)`),
    )
  }
})

test('a directory of the first release, open to all, is closed at the next start', async () => {
  await chmod(dataDir, 0o755)
  for (const name of ['registry.sqlite', 'lock.sqlite']) await chmod(join(dataDir, name), 0o644)
  await using server = await serve(dataDir)
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  for (const name of await readdir(dataDir)) expect((await stat(join(dataDir, name))).mode & 0o077, name).toBe(0)
})

test('files made in a directory that is open to all are for their owner only, those of a backup and a restore too', async () => {
  const open = join(root, 'open')
  await mkdir(open)
  await chmod(open, 0o755)
  const [backup, restored] = [join(root, 'backup'), join(root, 'restored')]
  for (const dir of [backup, restored]) {
    await mkdir(dir)
    await chmod(dir, 0o755)
  }
  {
    await using server = await serve(open)
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    expect((await readdir(open)).sort()).toContain('registry.sqlite-wal')
    await expectPrivate(open)
    expect((await run(['backup', backup, '--data-dir', open])).code).toBe(0)
    await expectPrivate(backup)
  }
  // As a backup that was copied to another disk and back by a tool that opens it.
  await copyFile(join(backup, 'registry.sqlite'), join(root, 'copy'))
  await rm(join(backup, 'registry.sqlite'))
  await copyFile(join(root, 'copy'), join(backup, 'registry.sqlite'))
  await chmod(join(backup, 'registry.sqlite'), 0o644)
  expect((await run(['restore', backup, '--data-dir', restored])).code).toBe(0)
  await expectPrivate(restored)
})

async function expectPrivate(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    expect((await stat(path)).mode & 0o077, path).toBe(0)
  }
}

/** Spoils all pages from a position on, and leaves the header. */
async function overwrite(file: string, from: number): Promise<void> {
  const { size } = await stat(file)
  const handle = await open(file, 'r+')
  await handle.write(Buffer.alloc(size - from, 'x'), 0, size - from, from)
  await handle.close()
  await truncate(file, size)
}
