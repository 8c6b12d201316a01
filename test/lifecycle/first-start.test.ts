import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { LocalStore } from '../../src/blobs/local/local-store.ts'
import { readConfig } from '../../src/config.ts'
import { databaseEnvironment } from '../support/databases.ts'
import { run, serve } from './server-process.ts'

const KEY = `ht_ak0lifecycle000_${'lifecycle'.repeat(4)}`
const KEY_LINE = /^API key: (ht_ak[0-9a-z]{13}_[A-Za-z0-9_-]{32,})$/m

let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'holotype-lifecycle-'))
})

afterEach(() => rm(dataDir, { recursive: true, force: true }))

test('the first start prints an API key that works, and later starts print none', async () => {
  const first = await serve(dataDir)
  await first.end('SIGTERM')
  const { stdout } = await first.output()
  const [, key] = KEY_LINE.exec(stdout) ?? []
  expect(stdout.match(/ht_ak/g)?.length).toBeGreaterThan(0)

  const second = await serve(dataDir)
  expect(await statusWith(second.url, String(key))).toBe(200)
  await second.end('SIGTERM')
  expect(await second.output()).toEqual({ code: 0, stdout: `Holotype is ready at ${second.url}\n`, stderr: '' })
})

test('HOLOTYPE_ADMIN_KEY is the first key of an empty registry, and changes nothing later', async () => {
  const first = await serve(dataDir, { HOLOTYPE_ADMIN_KEY: KEY })
  expect(await statusWith(first.url, KEY)).toBe(200)
  await first.end('SIGTERM')
  const other = KEY.replaceAll('lifecycle', 'different')
  await using second = await serve(dataDir, { HOLOTYPE_ADMIN_KEY: other })
  expect(await statusWith(second.url, KEY)).toBe(200)
  expect(await statusWith(second.url, other)).toBe(401)
})

test.for([
  'hunter22',
  'ht_ak0lifecycle000_tooshort',
  `ht_xx0lifecycle000_${'lifecycle'.repeat(4)}`,
  `ht_ak0LIFECYCLE000_${'lifecycle'.repeat(4)}`,
  `${KEY} and more`,
])('the preset key "%s" keeps the start from happening, with a sentence', async (key, { expect }) => {
  const { code, stdout, stderr } = await run(['serve', '--port', '0', '--data-dir', dataDir], {
    HOLOTYPE_ADMIN_KEY: key,
  })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('HOLOTYPE_ADMIN_KEY must read ht_<id>_<secret>')
  expect(stderr).not.toContain(key)
  expect(await readdir(dataDir)).toEqual([])
})

test('what the registry keeps is for its own user only', async () => {
  const fresh = join(dataDir, 'fresh')
  await using server = await serve(fresh)
  expect((await fetch(`${server.url}/livez`)).status).toBe(200)
  for (const name of ['', 'blobs', 'tmp']) expect((await stat(join(fresh, name))).mode & 0o077).toBe(0)
})

async function statusWith(url: string, key: string): Promise<number> {
  return (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status
}

test('a first start on a taken port shows the key all the same, and the key works at the next one', async () => {
  await using other = await serve(join(dataDir, 'other'))
  const port = new URL(other.url).port
  const failed = await run(['serve', '--port', port, '--data-dir', join(dataDir, 'mine')])
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining(`listens on port ${port}`) })
  const [, key] = KEY_LINE.exec(failed.stdout) ?? []
  await using mine = await serve(join(dataDir, 'mine'))
  expect(await statusWith(mine.url, String(key))).toBe(200)
})

test('a first start that fails after the key was made has shown it', async () => {
  const shown: string[] = []
  const config = readConfig({
    HOLOTYPE_DATA_DIR: dataDir,
    HOLOTYPE_LOG_LEVEL: 'silent',
    ...(await databaseEnvironment(dataDir)),
  })
  const openStore = async (dir: string) => {
    const store = await LocalStore.open(dir)
    store.writeInstanceId = () => Promise.reject(new Error('the disk is gone'))
    return store
  }
  await expect(createApp(config, { openStore, onFirstKey: key => shown.push(key) })).rejects.toThrow('the disk is gone')
  expect(shown).toEqual([expect.stringMatching(/^ht_ak/)])
  // In the same process: nothing of the failed start is kept, neither a lock nor a database.
  await using app = await createApp(config, { onFirstKey: key => shown.push(key) })
  const url = `${await app.listen()}`
  expect(await statusWith(url, String(shown[0]))).toBe(200)
  expect(shown).toHaveLength(1)
})

test('a key that was given is never printed', async () => {
  const server = await serve(dataDir, { HOLOTYPE_ADMIN_KEY: KEY, HOLOTYPE_LOG_LEVEL: 'trace' })
  expect(await statusWith(server.url, KEY)).toBe(200)
  await server.end('SIGTERM')
  const { stdout, stderr } = await server.output()
  expect(stdout + stderr).not.toContain(KEY.split('_')[2])
})
