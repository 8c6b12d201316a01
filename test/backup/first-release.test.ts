/** A backup that the first release has made, as it made it: its database is one step old, and its manifest knows no tables. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run, serve } from '../lifecycle/server-process.ts'
import { unpack } from '../support/unpack.ts'
import { temporaryDirectory } from './support.ts'

const KEY = 'ht_ak0firstrelease_release1release1release1release1release1'

test('a backup of the first release comes back, with its keys, names, bytes and history', async () => {
  await using temporary = await temporaryDirectory()
  await unpack(new URL('first-release.tar.gz', import.meta.url), temporary.path)
  const backup = join(temporary.path, 'first-release')
  expect(JSON.parse(await readFile(join(backup, 'manifest.json'), 'utf8'))).not.toHaveProperty('contents')
  const dataDir = join(temporary.path, 'restored')
  const restored = await run(['restore', backup, '--data-dir', dataDir])
  expect(restored).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('3 blobs, 20 bytes, every one'),
  })
  expect(await run(['verify', '--data-dir', dataDir])).toMatchObject({ code: 0 })

  await using server = await serve(dataDir)
  const headers = { authorization: `Bearer ${KEY}` }
  const get = async (path: string) => await fetch(`${server.url}/v1${path}`, { headers })
  const list = async (path: string) => ((await (await get(path)).json()) as { items: Array<{ id: string }> }).items
  const namesakes = await list(`/models?name=${encodeURIComponent('résumé 模型')}`)
  expect(namesakes).toMatchObject([{ description: null }, { description: 'kept' }])
  const model = `/models/${namesakes[1]?.id}`
  expect(await (await get(`${model}/versions/production/files/weights.bin`)).text()).toBe('weights 2')
  expect(await (await get(`${model}/versions/1/files/config%2F%C3%A4.json`)).text()).toBe('{}')
  expect(await (await get(`${model}/versions/1`)).json()).toMatchObject({ isCommitted: true, message: 'run 1' })
  expect(await list(`${model}/events?kind=alias.set`)).toHaveLength(2)
})
