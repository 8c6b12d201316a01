/** The whole way once: a registry that is being written, its backup, the loss, and the registry that comes back. */
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run, serve } from '../lifecycle/server-process.ts'
import { startUpload } from '../lifecycle/slow-upload.ts'
import { type Caller, keepModel, startRegistry } from '../support/registry.ts'
import { temporaryDirectory } from './support.ts'

const NO_GRACE = { HOLOTYPE_RECLAIM_GRACE_SECONDS: '0' }
const WRITERS = 4

test('a backup taken while others upload and delete comes back with every digest, byte and key', async () => {
  await using registry = await startRegistry(NO_GRACE)
  await using temporary = await temporaryDirectory()
  const { writer, reader, dataDir } = registry
  await registry.listen()
  const kept = await keepSeveral(writer)
  const stop = new AbortController()
  const writers = Promise.all(Array.from({ length: WRITERS }, (_, index) => churn(writer, index, stop.signal)))

  const backup = join(temporary.path, 'backup')
  const restored = join(temporary.path, 'restored')
  expect(await run(['backup', backup, '--data-dir', dataDir])).toMatchObject({ code: 0, stderr: '' })
  stop.abort()
  expect(Math.min(...(await writers))).toBeGreaterThan(0)
  expect(await run(['restore', backup, '--data-dir', restored])).toMatchObject({ code: 0, stderr: '' })

  await using server = await serve(restored)
  const get = async (path: string, key = writer.key) =>
    await fetch(`${server.url}/v1${path}`, { headers: { authorization: `Bearer ${key}` } })
  for (const { id, digest } of kept) {
    expect(await (await get(`/models/${id}/versions/1`)).json()).toMatchObject({ isCommitted: true, digest })
  }
  expect((await get('/models', reader.key)).status).toBe(200)
  expect(await hashEverything(get)).toBeGreaterThanOrEqual(kept.length)
  expect(await run(['verify', '--data-dir', restored])).toMatchObject({ code: 0 })
  expect(await server.end('SIGTERM')).toBe(0)
  expect((await server.output()).stdout).not.toContain('API key')
})

test('neither a backup nor a verification disturbs an upload in flight', async () => {
  await using registry = await startRegistry()
  await using temporary = await temporaryDirectory()
  const { writer, dataDir } = registry
  const url = await registry.listen()
  await keepModel(writer)
  const { id } = (await writer.post('/models', { name: 'a model' })).json()
  await writer.post(`/models/${id}/versions`)
  const upload = await startUpload(`${url}/models/${id}/versions/1/files/a.bin`, writer.key, 'first half, ')
  await expect.poll(() => readdir(join(dataDir, 'tmp')), { timeout: 20_000, interval: 5 }).toHaveLength(1)
  expect(await run(['verify', '--data-dir', dataDir])).toMatchObject({ code: 0 })
  expect(await run(['backup', join(temporary.path, 'backup'), '--data-dir', dataDir])).toMatchObject({ code: 0 })
  expect(await upload.finish('second half')).toMatchObject({ status: 200, body: { size: 23 } })
  expect((await writer.get(`/models/${id}/versions/1/files/a.bin`)).body).toBe('first half, second half')
})

async function keepSeveral(writer: Caller): Promise<Array<{ id: string; digest: string }>> {
  const kept = []
  for (let index = 0; index < 5; index += 1) {
    const files = { 'shared.bin': 'shared', [`own/${index}.bin`]: Buffer.alloc(100_000, index), 'empty.bin': '' }
    const { id } = await keepModel(writer, files)
    kept.push({ id, digest: (await writer.get(`/models/${id}/versions/1`)).json().digest })
  }
  return kept
}

/** Keeps and deletes models until told to stop. The bytes of what is deleted may be removed at once. */
async function churn(writer: Caller, index: number, signal: AbortSignal): Promise<number> {
  let rounds = 0
  while (!signal.aborted) {
    const { id } = await keepModel(writer, { 'a.bin': `${index} ${rounds}`, 'shared.bin': 'shared' })
    if (rounds % 2 === 0) expect((await writer.delete(`/models/${id}`)).statusCode).toBe(200)
    rounds += 1
  }
  return rounds
}

/** Downloads each file of each model and compares it with its listing. Answers how many models there are. */
async function hashEverything(get: (path: string) => Promise<Response>): Promise<number> {
  let models = 0
  for (const { id } of await listAll<{ id: string }>(get, '/models')) {
    models += 1
    for (const { version } of await listAll<{ version: string }>(get, `/models/${id}/versions`)) {
      const url = `/models/${id}/versions/${version}/files`
      for (const { path, sha256 } of await listAll<{ path: string; sha256: string }>(get, url)) {
        const bytes = Buffer.from(await (await get(`${url}/${path}`)).arrayBuffer())
        expect(createHash('sha256').update(bytes).digest('hex'), `${url}/${path}`).toBe(sha256)
      }
    }
  }
  return models
}

async function listAll<T>(get: (path: string) => Promise<Response>, path: string): Promise<T[]> {
  const items: T[] = []
  let after = ''
  for (let page = 0; page < 1000; page += 1) {
    const body = (await (await get(`${path}?limit=100${after}`)).json()) as {
      items: T[]
      hasMore: boolean
      nextPage: string
    }
    items.push(...body.items)
    if (!body.hasMore) return items
    after = `&after=${encodeURIComponent(body.nextPage)}`
  }
  throw new Error(`${path} does not end`)
}
