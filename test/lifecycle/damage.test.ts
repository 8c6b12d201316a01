/** What happens to bytes that change on disk: nobody gets them as whole, everybody is told, and the right ones heal. */
import { mkdir, readdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyBlobs } from '../../src/registry/blobs/verify-blobs.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'
import { run } from './server-process.ts'

const CONTENT = Buffer.from('weights '.repeat(100_000))
const OTHER = Buffer.from(CONTENT).fill('X', 400_000, 400_001)

test('a flipped byte breaks a download off before its end, and from then on the file answers with the reason', async () => {
  await using registry = await startRegistry()
  const { writer } = registry
  const url = await registry.listen()
  const { id } = await keepModel(writer, { 'weights.bin': CONTENT })
  await writeFile(await onlyBlob(registry), OTHER)
  const file = `/models/${id}/versions/1/files/weights.bin`
  const answer = await fetch(`${url}${file}`, { headers: { authorization: `Bearer ${writer.key}` } })
  expect(answer.status).toBe(200)
  await expect(answer.arrayBuffer()).rejects.toThrow()
  await expect.poll(async () => (await writer.get(file)).statusCode, { timeout: 20_000 }).toBe(500)
  expect((await writer.get(file)).json()).toEqual({
    code: 'INTERNAL_SERVER_ERROR',
    message:
      'the stored bytes of "weights.bin" no longer have the sha256 they were accepted with; upload the file again or restore a backup',
  })
  expect((await writer.get(file, { range: 'bytes=0-9' })).statusCode).toBe(500)
})

test('damage that is met before the first byte goes out is told at once', async () => {
  await using registry = await startRegistry()
  const { id } = await keepModel(registry.writer, { 'tiny.bin': 'tiny' })
  await writeFile(await onlyBlob(registry), 'tinX')
  const answer = await registry.writer.get(`/models/${id}/versions/1/files/tiny.bin`)
  expect([answer.statusCode, answer.json().message]).toEqual([
    500,
    'the stored bytes no longer have the sha256 they were accepted with',
  ])
})

test('bytes that have gone missing are not taken for granted when the same ones arrive again', async () => {
  await using registry = await startRegistry()
  const { id } = await keepModel(registry.writer, { 'weights.bin': CONTENT })
  await rm(await onlyBlob(registry))
  await keepModel(registry.writer, { 'again.bin': CONTENT })
  expect((await registry.writer.get(`/models/${id}/versions/1/files/weights.bin`)).rawPayload.equals(CONTENT)).toBe(
    true,
  )
})

test('the right bytes, uploaded into any draft, heal every version that stands on them', async () => {
  await using registry = await startRegistry()
  const { writer, dataDir } = registry
  const { id } = await keepModel(writer, { 'weights.bin': CONTENT, 'copy.bin': CONTENT, 'fine.bin': 'fine' })
  const { digest } = (await writer.get(`/models/${id}/versions/1`)).json()
  const blob = await blobOf(registry, CONTENT.length)
  await writeFile(blob.file, OTHER)

  const verified = await run(['verify', '--json', '--data-dir', dataDir])
  expect(verified.code).toBe(6)
  const uses = ['copy.bin', 'weights.bin'].map(path => ({ modelId: id, modelName: 'a model', version: 1, path }))
  expect(JSON.parse(verified.stdout)).toMatchObject({
    blobs: 2,
    damaged: [{ blobId: blob.id, problem: 'damaged', uses }],
  })
  const named = await run(['verify', '--data-dir', dataDir])
  expect(named.code).toBe(6)
  for (const part of [blob.id, id, '"a model"', 'version 1', '"copy.bin"', '"weights.bin"']) {
    expect(named.stdout).toContain(part)
  }
  expect(named.stdout).not.toContain('fine.bin')

  const other = (await writer.post('/models', { name: 'another' })).json()
  await writer.post(`/models/${other.id}/versions`)
  expect((await writer.put(`/models/${other.id}/versions/1/files/again.bin`, CONTENT)).statusCode).toBe(200)
  for (const path of ['weights.bin', 'copy.bin']) {
    const answer = await writer.get(`/models/${id}/versions/1/files/${path}`)
    expect([answer.statusCode, answer.rawPayload.equals(CONTENT)]).toEqual([200, true])
  }
  expect((await writer.get(`/models/${id}/versions/1`)).json().digest).toBe(digest)
  expect(await run(['verify', '--data-dir', dataDir])).toMatchObject({ code: 0 })
})

test('a range of a file cut short on disk says so too', async () => {
  await using registry = await startRegistry()
  const { id } = await keepModel(registry.writer, { 'weights.bin': CONTENT })
  await truncate(await onlyBlob(registry), 10)
  const file = `/models/${id}/versions/1/files/weights.bin`
  const answer = await registry.writer.get(file, { range: 'bytes=20-29' })
  expect([answer.statusCode, answer.headers['x-holotype-error']]).toEqual([500, 'damaged'])
})

test('a file cut short on disk is never begun, is noted, and can be healed', async () => {
  await using registry = await startRegistry()
  const { writer } = registry
  const { id } = await keepModel(writer, { 'weights.bin': CONTENT })
  await truncate(await onlyBlob(registry), 10)
  const file = `/models/${id}/versions/1/files/weights.bin`
  const answer = await writer.get(file)
  expect([answer.statusCode, answer.json().code]).toEqual([500, 'INTERNAL_SERVER_ERROR'])
  expect(await problems(registry)).toMatchObject([
    { kind: 'damaged', reason: expect.stringContaining('now there are 10') },
  ])
  await keepModel(writer, { 'again.bin': CONTENT })
  expect((await writer.get(file)).rawPayload.equals(CONTENT)).toBe(true)
})

test('a file that is missing on disk is said to be, is named by verify, and can then be healed', async () => {
  await using registry = await startRegistry()
  const { writer, dataDir } = registry
  const { id } = await keepModel(writer, { 'weights.bin': CONTENT })
  await rm(await onlyBlob(registry))
  const file = `/models/${id}/versions/1/files/weights.bin`
  const answer = await writer.get(file)
  expect([answer.statusCode, answer.json().message]).toEqual([500, 'the stored bytes of "weights.bin" are missing'])
  const verified = await run(['verify', '--data-dir', dataDir])
  expect(verified.code).toBe(6)
  expect(verified.stdout).toContain('its bytes are not in the store')
  await keepModel(writer, { 'again.bin': CONTENT })
  expect((await writer.get(file)).rawPayload.equals(CONTENT)).toBe(true)
})

test('a link in the place of a blob is not followed, and verify tells of it without a verdict on the bytes (S12)', async () => {
  await using registry = await startRegistry()
  const { writer, dataDir } = registry
  const { id } = await keepModel(writer, { 'weights.bin': CONTENT })
  const blob = await onlyBlob(registry)
  const secret = join(dataDir, 'secret')
  await writeFile(secret, CONTENT)
  await rename(blob, `${blob}.away`)
  await symlink(secret, blob)
  const file = `/models/${id}/versions/1/files/weights.bin`
  const answer = await writer.get(file)
  expect(answer.statusCode).toBe(500)
  expect(answer.body).not.toContain(dataDir)
  expect(await problems(registry)).toMatchObject([{ kind: 'unreadable', uses: [{ modelId: id }] }])
  await rm(blob)
  await rename(`${blob}.away`, blob)
  expect((await writer.get(file)).rawPayload.equals(CONTENT)).toBe(true)
})

test('a directory in the place of a blob is no answer either', async () => {
  await using registry = await startRegistry()
  const { writer } = registry
  const { id } = await keepModel(writer, { 'weights.bin': CONTENT })
  const blob = await onlyBlob(registry)
  await rename(blob, `${blob}.away`)
  await mkdir(blob)
  expect((await writer.get(`/models/${id}/versions/1/files/weights.bin`)).statusCode).toBe(500)
  expect(await problems(registry)).toMatchObject([{ kind: 'unreadable' }])
})

test('bytes that are right again lose their mark', async () => {
  await using registry = await startRegistry()
  const { writer } = registry
  const { id } = await keepModel(writer, { 'weights.bin': CONTENT })
  const blob = await onlyBlob(registry)
  await writeFile(blob, OTHER)
  expect(await problems(registry)).toHaveLength(1)
  const file = `/models/${id}/versions/1/files/weights.bin`
  expect((await writer.get(file)).statusCode).toBe(500)
  await writeFile(blob, CONTENT)
  expect(await problems(registry)).toEqual([])
  expect((await writer.get(file)).rawPayload.equals(CONTENT)).toBe(true)
})

test('a verification moves the time that a file shows as verified', async () => {
  await using registry = await startRegistry()
  const { writer } = registry
  const { id } = await keepModel(writer)
  await registry.app.registry.db.transaction(trx => trx.updateTable('blobs').set({ verified_at: 0 }).execute())
  expect(await problems(registry)).toEqual([])
  const [file] = (await writer.get(`/models/${id}/versions/1/files`)).json().items
  expect(Date.parse(file.dtVerified)).toBeGreaterThan(Date.parse('2020-01-01'))
})

test('a damaged draft can not be committed before it is healed', async () => {
  await using registry = await startRegistry()
  const { writer } = registry
  const { id } = (await writer.post('/models', { name: 'a model' })).json()
  await writer.post(`/models/${id}/versions`)
  await writer.put(`/models/${id}/versions/1/files/weights.bin`, CONTENT)
  await writeFile(await onlyBlob(registry), OTHER)
  expect(await problems(registry)).toHaveLength(1)
  expect((await writer.put(`/models/${id}/versions/1`, { isCommitted: true })).statusCode).toBe(500)
  await writer.put(`/models/${id}/versions/1/files/weights.bin`, CONTENT)
  expect((await writer.put(`/models/${id}/versions/1`, { isCommitted: true })).statusCode).toBe(200)
})

async function problems({ app }: TestRegistry) {
  const found = []
  for await (const { problem } of verifyBlobs(app.registry)) if (problem) found.push(problem)
  return found
}

async function onlyBlob(registry: TestRegistry): Promise<string> {
  const { file } = await blobOf(registry)
  return file
}

/** Where the blob of a size lies, or the only one. */
async function blobOf({ app, dataDir }: TestRegistry, size?: number): Promise<{ id: string; file: string }> {
  let query = app.registry.db.read.selectFrom('blobs').select('id')
  if (size !== undefined) query = query.where('size', '=', size)
  const { id } = await query.executeTakeFirstOrThrow()
  const entries = await readdir(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true })
  const entry = entries.find(({ name }) => name === id)
  if (!entry) throw new Error(`${id} is not on disk`)
  return { id, file: join(entry.parentPath, id) }
}
