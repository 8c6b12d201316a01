/** The same bytes arrive again while the kept ones have rotted unnoticed: the good copy stays, and heals every file. */
import { appendFile, mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/blobs/blob-store.ts'
import { LocalStore } from '../../src/blobs/local/local-store.ts'
import { verifyBlobs } from '../../src/registry/blobs/verify-blobs.ts'
import { finishJobs } from '../support/jobs.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'
import { storedFiles } from '../support/stored-files.ts'

const CONTENT = Buffer.from('weights '.repeat(100_000))

function flipped(at: number): (file: string) => Promise<unknown> {
  return async file => {
    const bytes = await readFile(file)
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    await writeFile(file, bytes)
  }
}

const DAMAGES: Record<string, (file: string) => Promise<unknown>> = {
  'its first byte flipped': flipped(0),
  'a byte in the middle flipped': flipped(400_000),
  'its last byte flipped': flipped(CONTENT.length - 1),
  'zeros in the place of everything': file => writeFile(file, Buffer.alloc(CONTENT.length)),
  'its end cut off': file => truncate(file, 10),
  'nothing left in it': file => truncate(file),
  'something added': file => appendFile(file, 'x'),
  'its file gone': file => rm(file),
  'a directory in its place': async file => [await rm(file), await mkdir(file)],
  'a link in its place': async file => [await rm(file), await symlink('/etc/hostname', file)],
}

test.each(Object.keys(DAMAGES))('with %s, the same bytes uploaded again heal it', async name => {
  await using registry = await startRegistry({ HOLOTYPE_RECLAIM_GRACE_SECONDS: '0' })
  const { writer, app } = registry
  const { id } = await keepModel(writer, { 'weights.bin': CONTENT, 'copy.bin': CONTENT })
  const [file] = await storedFiles(registry.dataDir)
  await DAMAGES[name]?.(String(file))
  const draft = (await writer.post('/models', { name: 'again' })).json()
  await writer.post(`/models/${draft.id}/versions`)
  expect((await writer.put(`/models/${draft.id}/versions/1/files/again.bin`, CONTENT)).statusCode).toBe(200)
  for (const path of [
    `${id}/versions/1/files/weights.bin`,
    `${id}/versions/1/files/copy.bin`,
    `${draft.id}/versions/1/files/again.bin`,
  ]) {
    const answer = await writer.get(`/models/${path}`)
    expect([answer.statusCode, answer.rawPayload.equals(CONTENT)], path).toEqual([200, true])
  }
  if (name !== 'a directory in its place') await finishJobs(app)
  for await (const { problem } of verifyBlobs(app.registry)) expect(problem).toBe(undefined)
})

test('good bytes uploaded again are kept once, and count as verified', async () => {
  await using registry = await startRegistry()
  const { writer, app, dataDir } = registry
  await keepModel(writer, { 'weights.bin': CONTENT })
  await app.registry.db.transaction(trx => trx.updateTable('blobs').set({ verified_at: 0 }).execute())
  await keepModel(writer, { 'again.bin': CONTENT })
  expect(await storedFiles(dataDir)).toHaveLength(1)
  const rows = await app.registry.db.read.selectFrom('blobs').select(['verified_at', 'damaged_at']).execute()
  expect(rows).toEqual([{ verified_at: expect.any(Number), damaged_at: null }])
  expect(rows[0]?.verified_at).toBeGreaterThan(0)
})

test('bytes that arrive several times at once while the kept ones are rotten are kept once', async () => {
  await using registry = await startRegistry({ HOLOTYPE_RECLAIM_GRACE_SECONDS: '0' })
  const { writer, app, dataDir } = registry
  const { id } = await keepModel(writer, { 'weights.bin': CONTENT })
  const [file] = await storedFiles(dataDir)
  await flipped(5)(String(file))
  await writer.post(`/models/${id}/versions`)
  const put = (_: unknown, index: number) => writer.put(`/models/${id}/versions/2/files/${index}.bin`, CONTENT)
  const answers = await Promise.all(Array.from({ length: 8 }, put))
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200))
  await finishJobs(app)
  expect(await storedFiles(dataDir)).toHaveLength(1)
  expect((await writer.get(`/models/${id}/versions/1/files/weights.bin`)).rawPayload.equals(CONTENT)).toBe(true)
})

test('while the store can not be read for want of descriptors, nothing is said about the kept bytes', async () => {
  let failure: Error | undefined
  const openStore = async (dir: string) => {
    const store = await LocalStore.open(dir)
    const read = store.read.bind(store)
    store.read = (...args) => (failure ? Promise.reject(failure) : read(...args))
    return store
  }
  await using registry = await startRegistry({}, { openStore })
  const { id } = await keepModel(registry.writer, { 'weights.bin': CONTENT })
  failure = new StoreUnavailableError(Object.assign(new Error('EMFILE'), { code: 'EMFILE' }))
  await registry.writer.post(`/models/${id}/versions`)
  expect((await registry.writer.put(`/models/${id}/versions/2/files/a.bin`, CONTENT)).statusCode).toBe(503)
  failure = undefined
  expect(await damaged(registry)).toEqual([])
  expect((await registry.writer.put(`/models/${id}/versions/2/files/a.bin`, CONTENT)).statusCode).toBe(200)
  expect(await readdir(join(registry.dataDir, 'tmp'))).toEqual([])
})

async function damaged({ app }: TestRegistry) {
  return await app.registry.db.read.selectFrom('blobs').select('id').where('damaged_at', 'is not', null).execute()
}
