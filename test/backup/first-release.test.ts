/** A backup that the first release has made, as it made it: its database is one step old, and its manifest knows no tables. */
import { createReadStream } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { createGunzip } from 'node:zlib'
import tar from 'tar-stream'
import { expect, test } from 'vitest'
import { run, serve } from '../lifecycle/server-process.ts'
import { temporaryDirectory } from './support.ts'

const KEY = 'ht_ak0firstrelease_release1release1release1release1release1'

test('a backup of the first release comes back, with its keys, names, bytes and history', async () => {
  await using temporary = await temporaryDirectory()
  const backup = await unpack(temporary.path)
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

async function unpack(directory: string): Promise<string> {
  const archive = fileURLToPath(new URL('first-release.tar.gz', import.meta.url))
  const extract = createReadStream(archive).pipe(createGunzip()).pipe(tar.extract())
  for await (const entry of extract) {
    const path = join(directory, entry.header.name)
    if (entry.header.type === 'directory') {
      entry.resume()
      continue
    }
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, await buffer(entry))
  }
  return join(directory, 'first-release')
}
