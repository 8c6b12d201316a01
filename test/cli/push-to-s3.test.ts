/** A push whose parts go straight to a real S3 server, past the registry. */
import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, test, vi } from 'vitest'
import { makeBucket } from '../blobs/s3-stores.ts'
import { S3_ENVIRONMENT } from '../support/s3-registry.ts'
import { NO_VERSITYGW, VERSITYGW_CREDENTIALS } from '../support/versitygw.ts'
import { killPush } from './kill-push.ts'
import { startPartProxy } from './part-proxy.ts'
import { type Desk, startDesk } from './support.ts'

const endpoint = inject('versitygw')
const PART = 5 * 2 ** 20
const SIZE = 33 * 2 ** 20

/** What the machine remembers of parts, as the store does not say what it has. */
async function listNotes({ dir }: Desk): Promise<string[]> {
  const folder = join(dir, '.state/holotype/pushes')
  const files = (await readdir(folder).catch(() => [])).filter(name => name.endsWith('.parts'))
  const texts = await Promise.all(files.map(name => readFile(join(folder, name), 'utf8')))
  return texts.join('').split('\n').filter(Boolean)
}

const reason = endpoint === undefined ? `: ${NO_VERSITYGW}` : ''

test.skipIf(endpoint === undefined)(
  `killed again and again, sends no more than a tenth of its bytes twice${reason}`,
  async () => {
    await using store = await startPartProxy(String(endpoint))
    await using desk = await startDesk({ ...S3_ENVIRONMENT, HOLOTYPE_MIN_PART_BYTES: String(PART) })
    const { accessKeyId: accessKey, secretAccessKey } = VERSITYGW_CREDENTIALS
    const bucket = await makeBucket(String(endpoint))
    const s3Config = { bucket, accessKey, secretAccessKey, endpoint: store.url, pathStyle: true }
    const provider = { name: 'bucket', storageProviderType: 's3', s3Config }
    const { id: storageProviderId } = (await desk.registry.admin.post('/storage-providers', provider)).json()
    await desk.registry.admin.post('/models', { name: 'far', storageProviderId })
    const bytes = randomBytes(SIZE)
    const source = await desk.write('far', { 'weights.bin': bytes })
    const before = store.bytes
    for (const parts of [2, 3]) {
      const noted = (await listNotes(desk)).length + parts
      const known = store.holdAfter(parts).then(async () => {
        await vi.waitFor(async () => expect(await listNotes(desk)).toHaveLength(noted), 10_000)
      })
      await killPush([source, 'far'], desk.env, known)
      store.release()
    }
    expect((await desk.holotype('push', source, 'far')).stderr).toContain('Going on with version 1')
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect((await desk.json('file', 'list', 'far')).items).toMatchObject([{ path: 'weights.bin', sha256 }])
    expect(await listNotes(desk)).toEqual([])
    expect(store.bytes - before).toBeLessThan(1.1 * SIZE)
  },
)
