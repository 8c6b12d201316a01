/** The embedded database is for one process at a time. */
import { mkdtemp, rm } from 'node:fs/promises'
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
