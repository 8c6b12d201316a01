/** What the environment gives need not be in a file, and a file that isn't needed can't be in the way. */
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FakeRegistry, startFakeRegistry } from './fake-registry.ts'
import { run } from './support.ts'

const KEY = 'ht_akabcdefghijklm_0123456789abcdef0123456789abcdef'
let registry: FakeRegistry
let dir: string
let file: string

beforeAll(async () => {
  registry = await startFakeRegistry([{ path: 'w', bytes: 'x' }])
})

afterAll(() => registry[Symbol.asyncDispose]())

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holotype-state-'))
  file = join(dir, '.config/holotype/config.json')
  await mkdir(dirname(file), { recursive: true })
})

afterEach(() => rm(dir, { recursive: true, force: true }))

const states: Array<[what: string, make: () => Promise<unknown>]> = [
  ['is no JSON', () => writeFile(file, '{"url":')],
  ['is JSON of another kind', () => writeFile(file, '{"url":7,"key":"x"}')],
  ['is null', () => writeFile(file, 'null')],
  ['is empty', () => writeFile(file, '')],
  ['is no text', () => writeFile(file, Buffer.from([0xff, 0xfe, 0]))],
  ['has no end', () => symlink('/dev/zero', file)],
  ['is a pipe that nobody writes to', async () => execFileSync('mkfifo', [file])],
  ['is a folder', () => mkdir(file)],
  ['is a link to itself', () => symlink('config.json', file)],
]

describe.each(states)('a login file that %s', (_what, make) => {
  test('is no matter where the environment has all that is needed', async () => {
    await make()
    const env = { HOLOTYPE_URL: registry.url, HOLOTYPE_API_KEY: KEY, HOME: dir }
    expect(await run(['pull', 'fake', dir, '--dry-run'], { env })).toMatchObject({ code: 0 })
    const flags = ['--url', registry.url, '--api-key', KEY]
    expect(await run(['pull', 'fake', dir, '--dry-run', ...flags], { env: { HOME: dir } })).toMatchObject({ code: 0 })
  })

  test('is told in words where it is needed, and can be removed', async () => {
    await make()
    for (const env of [
      { HOME: dir },
      { HOME: dir, HOLOTYPE_URL: registry.url },
      { HOME: dir, HOLOTYPE_API_KEY: KEY },
    ]) {
      const { code, stdout, stderr } = await run(['model', 'list'], { env })
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain(file)
      expect(stderr).not.toMatch(/E[A-Z]{4,}|SyntaxError|\.ts/)
    }
  })
})

test('a login that may not be read is told in words, unless it is not needed', async () => {
  await writeFile(file, '{"url":7}')
  await chmod(file, 0)
  const env = { HOME: dir, HOLOTYPE_API_KEY: KEY }
  // The superuser reads all the same, and finds it damaged.
  const words = process.getuid?.() === 0 ? 'is damaged' : 'is not open to this user'
  expect((await run(['model', 'list'], { env })).stderr).toContain(words)
  expect((await run(['pull', 'fake', dir, '--dry-run'], { env: { ...env, HOLOTYPE_URL: registry.url } })).code).toBe(0)
})

describe('where there is no home', () => {
  test.each([
    ['that exists', '/nonexistent/home'],
    ['but a file', '/dev/null'],
  ])('%s, nobody is logged in, and the environment is enough', async (_what, HOME) => {
    expect(await run(['model', 'list'], { env: { HOME } })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('not logged in'),
    })
    expect(await run(['logout'], { env: { HOME } })).toMatchObject({ code: 0, stdout: 'Nobody was logged in.\n' })
    const env = { HOME, HOLOTYPE_URL: registry.url, HOLOTYPE_API_KEY: KEY }
    expect((await run(['pull', 'fake', dir, '--dry-run'], { env })).code).toBe(0)
  })

  test('a relative XDG_CONFIG_HOME counts as none', async () => {
    await writeFile(file, JSON.stringify({ url: registry.url, key: KEY }))
    const env = { HOME: dir, XDG_CONFIG_HOME: 'config' }
    expect((await run(['pull', 'fake', dir, '--dry-run'], { env })).code).toBe(0)
  })
})
