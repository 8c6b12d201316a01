/** The database knows stored bytes, and the directory has none: its disk is not mounted, or another directory is named. */
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepModel, startRegistry } from '../support/registry.ts'
import { run } from './server-process.ts'

let root: string
let dataDir: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'holotype-lost-'))
  dataDir = join(root, 'data')
})
afterEach(() => rm(root, { recursive: true, force: true }))

test('a start without the bytes is refused, and works when they are back', async () => {
  let key: string | undefined
  let id: string
  {
    await using registry = await startRegistry({ HOLOTYPE_DATA_DIR: dataDir })
    key = registry.admin.key
    id = (await keepModel(registry.writer)).id
  }
  await rename(join(dataDir, 'blobs'), join(root, 'blobs'))
  const refused = await run(['serve', '--port', '0', '--data-dir', dataDir])
  expect(refused).toMatchObject({ code: 5, stdout: '' })
  expect(refused.stderr).toContain('knows stored files, but there are none: mount their disk')
  for (const command of [['verify'], ['backup', join(root, 'backup')], ['sweep']]) {
    const other = await run([...command, '--data-dir', dataDir])
    expect(other.code).not.toBe(0)
    expect(other.stderr).toContain('these are not the stored bytes of this registry')
  }
  await rm(join(dataDir, 'blobs'), { recursive: true })
  await rename(join(root, 'blobs'), join(dataDir, 'blobs'))
  await using registry = await startRegistry({ HOLOTYPE_DATA_DIR: dataDir, HOLOTYPE_ADMIN_KEY: key })
  expect((await registry.admin.get(`/models/${id}/versions/1/files/weights.bin`)).body).toBe('weights')
})
