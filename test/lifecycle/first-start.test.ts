import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
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
