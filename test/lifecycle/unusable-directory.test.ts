/** A data directory that can't be used is named, with what is wrong and what to do, by every command that works on it. */
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepModel, startRegistry } from '../support/registry.ts'
import { run } from './server-process.ts'
import { runUnprivileged } from './unprivileged.ts'

let root: string
let dataDir: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'holotype-unusable-'))
  await chmod(root, 0o755)
  dataDir = join(root, 'data')
})
afterEach(async () => {
  await chmod(dataDir, 0o755).catch(() => {})
  await rm(root, { recursive: true, force: true })
})

interface Case {
  prepare(): Promise<unknown>
  says: RegExp
}

const CASES: Record<string, Case> = {
  'a file': { prepare: () => writeFile(dataDir, ''), says: /\/data is a file, and must be a directory: move it away/ },
  'below a file': {
    prepare: async () => {
      await writeFile(join(root, 'file'), '')
      dataDir = join(root, 'file', 'data')
    },
    says: /\/file is not a directory, so there can be no .*\/file\/data/,
  },
  'a link to nothing': {
    prepare: () => symlink(join(root, 'unmounted'), dataDir),
    says: /\/data is a link to .*\/unmounted, where there is nothing: make or mount that/,
  },
  'below a link to nothing': {
    prepare: async () => {
      await symlink(join(root, 'unmounted'), join(root, 'disk'))
      dataDir = join(root, 'disk', 'data')
    },
    says: /\/disk is a link to .*\/unmounted, where there is nothing/,
  },
  'a link to itself': {
    prepare: () => symlink(dataDir, dataDir),
    says: /\/data is a link to .*\/data, where there is/,
  },
}

const DENIED: Record<string, Case> = {
  unreadable: {
    prepare: async () => [await mkdir(dataDir), await chmod(dataDir, 0)],
    says: /user \d+ may not read and write .*\/data, which belongs to user \d+ \(mode 0000\): run .* chown -R/,
  },
  'read-only': {
    prepare: async () => [await mkdir(dataDir), await chmod(dataDir, 0o555)],
    says: /user \d+ may not read and write .*\/data, which belongs to user \d+ \(mode 0555\)/,
  },
  'to be made where this user may not': {
    prepare: async () => {
      await mkdir(join(root, 'closed'))
      await chmod(join(root, 'closed'), 0o555)
      dataDir = join(root, 'closed', 'new', 'data')
    },
    says: /user \d+ may not read and write .*\/closed, which belongs to user \d+ \(mode 0555\)/,
  },
  'with blobs of somebody else': {
    prepare: async () => {
      await mkdir(join(dataDir, 'blobs'), { recursive: true })
      await chmod(dataDir, 0o777)
      await chmod(join(dataDir, 'blobs'), 0o500 & 0o077)
    },
    says: /may not read and write .*\/data\/blobs, which belongs to user/,
  },
}

/** One of each kind, for those that share the check with the start. */
const SOME = new Set(['a file', 'below a link to nothing', 'read-only', 'with blobs of somebody else'])

const COMMANDS: Record<string, () => string[]> = {
  serve: () => ['serve', '--port', '0'],
  verify: () => ['verify'],
  sweep: () => ['sweep'],
  backup: () => ['backup', join(root, 'backup')],
  'migrate-to': () => ['migrate-to', 'postgresql://127.0.0.1:1/none'],
}

const args = (command: string) => [...(COMMANDS[command]?.() ?? []), '--data-dir', dataDir]

test.each(Object.entries(CASES))('a start with a data directory that is %s', async (_, { prepare, says }) => {
  await prepare()
  const before = await readdir(root)
  const refused = await run(args('serve'))
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toMatch(says)
  expect(await readdir(root)).toEqual(before)
})

test.each(Object.entries(DENIED))('a start with a data directory that is %s', async (_, { prepare, says }) => {
  await prepare()
  const refused = await runUnprivileged(args('serve'))
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toMatch(says)
  await chmod(join(dataDir, 'blobs'), 0o755).catch(() => {})
})

test.each(['verify', 'sweep', 'backup', 'migrate-to'])(
  '%s with a data directory that can not be used',
  async command => {
    for (const name of ['a file', 'below a link to nothing', 'unreadable']) {
      const { prepare, says } = CASES[name] ?? DENIED[name] ?? expect.fail(name)
      dataDir = join(await mkdtemp(join(root, 'case-')), 'data')
      await chmod(dirname(dataDir), 0o755)
      await prepare()
      const refused = await runUnprivileged(args(command))
      expect(refused, name).toMatchObject({ code: 2, stdout: '' })
      expect(refused.stderr).toMatch(says)
    }
  },
)

test.each([...Object.entries(CASES), ...Object.entries(DENIED)].filter(([name]) => SOME.has(name)))(
  'a restore into a data directory that is %s',
  async (_, { prepare, says }) => {
    await using registry = await startRegistry()
    await keepModel(registry.writer)
    const backup = join(root, 'backup')
    expect((await run(['backup', backup, '--data-dir', registry.dataDir])).code).toBe(0)
    for (const entry of await readdir(backup, { recursive: true, withFileTypes: true })) {
      await chmod(join(entry.parentPath, entry.name), entry.isFile() ? 0o644 : 0o755)
    }
    await chmod(backup, 0o755)
    await prepare()
    const refused = await runUnprivileged(['restore', backup, '--data-dir', dataDir])
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(says)
    await chmod(join(dataDir, 'blobs'), 0o755).catch(() => {})
  },
)

test.each(Object.entries(CASES).filter(([name]) => SOME.has(name)))(
  'a backup into a directory that is %s',
  async (_, { prepare, says }) => {
    await using registry = await startRegistry()
    await prepare()
    const refused = await run(['backup', dataDir, '--data-dir', registry.dataDir])
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(says)
  },
)
