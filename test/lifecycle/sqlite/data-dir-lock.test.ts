/** The embedded database is for one process at a time, whatever becomes of the file that the lock is on. */
import { copyFile, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run, serve } from '../server-process.ts'

let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'holotype-lifecycle-'))
})

afterEach(() => rm(dataDir, { recursive: true, force: true }))

test('a second process on the same data directory refuses with a sentence (R31)', async () => {
  await using server = await serve(dataDir)
  const second = await run(['serve', '--port', '0', '--data-dir', dataDir])
  expect(second).toMatchObject({ code: 2, stdout: '' })
  expect(second.stderr).toContain(`another Holotype is using the data directory ${dataDir}`)
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
})

test('a data directory is free again the moment its process is killed', async () => {
  const first = await serve(dataDir)
  expect(await first.end('SIGKILL')).toBe(null)
  await using second = await serve(dataDir)
  expect((await fetch(`${second.url}/readyz`)).status).toBe(200)
})

test.for([
  ['removed', (lock: string) => rm(lock)],
  ['moved away', (lock: string) => rename(lock, `${lock}.away`)],
  [
    'replaced by a copy of itself',
    async (lock: string) => {
      await copyFile(lock, `${lock}.copy`)
      await rename(`${lock}.copy`, lock)
    },
  ],
] as const)('a lock file %s under a running server lets no second one start', async ([, meddle], { expect }) => {
  const server = await serve(dataDir)
  await meddle(join(dataDir, 'lock.sqlite'))
  const second = await run(['serve', '--port', '0', '--data-dir', dataDir])
  expect(second).toMatchObject({ code: 2, stdout: '' })
  expect(second.stderr).toContain(`another Holotype is using the data directory ${dataDir}`)
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  expect(await server.end('SIGTERM')).toBe(0)
  await using next = await serve(dataDir)
  expect((await fetch(`${next.url}/readyz`)).status).toBe(200)
})

test('a lock file removed under a running server lets no registry be moved', async () => {
  await using server = await serve(dataDir)
  await rm(join(dataDir, 'lock.sqlite'))
  const refused = await run(['migrate-to', 'postgresql://127.0.0.1:1/none', '--data-dir', dataDir])
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('another Holotype is using') })
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
})

test('of several that start at once after the lock file was removed, one serves', async () => {
  await (await serve(dataDir)).end('SIGTERM')
  await rm(join(dataDir, 'lock.sqlite'))
  const started = await Promise.allSettled(Array.from({ length: 3 }, () => serve(dataDir)))
  const serving = started.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  for (const server of serving) await server.end('SIGKILL')
  expect(serving).toHaveLength(1)
})

test('a lock file that is damaged is said to be', async () => {
  await (await serve(dataDir)).end('SIGTERM')
  const lock = join(dataDir, 'lock.sqlite')
  await copyFile(import.meta.filename, lock)
  const refused = await run(['serve', '--port', '0', '--data-dir', dataDir])
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(`${lock} is damaged: remove it`) })
})
