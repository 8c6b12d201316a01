/** A draft that begins with the files of another version: they are there without being sent, and the bytes are stored once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { finishJobs } from '../support/jobs.ts'
import { type Caller, keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'
import { seedFiles } from '../support/seed-files.ts'

const FILES = { a: 'one', 'b/c': 'two', 'b/d': 'two' }

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry({ HOLOTYPE_RECLAIM_GRACE_SECONDS: '0' })
})
afterAll(() => r.close())

const copy = (caller: Caller, id: string, body: object, headers = {}) =>
  caller.post(`/models/${id}/versions`, body, headers)

const filesOf = async (id: string, version: string) =>
  (await r.reader.get(`/models/${id}/versions/${version}/files`))
    .json()
    .items.map(({ path, sha256, size, contentType }: Record<string, unknown>) => ({ path, sha256, size, contentType }))

const countBlobs = async () => (await r.app.registry.db.read.selectFrom('blobs').select('id').execute()).length

describe('a copy', () => {
  test('has the files of its source and is a draft that can be changed and committed', async () => {
    const { id } = await keepModel(r.writer, FILES)
    const blobs = await countBlobs()
    const answer = await copy(r.writer, id, { sourceVersion: '1', message: 'from 1' })
    expect(answer.statusCode, answer.body).toBe(200)
    expect(answer.json()).toMatchObject({
      version: '2',
      isCommitted: false,
      fileCount: 3,
      usageBytes: '9',
      message: 'from 1',
    })
    expect(await filesOf(id, '2')).toEqual(await filesOf(id, '1'))
    expect(await countBlobs()).toBe(blobs)

    const same = (await r.writer.put(`/models/${id}/versions/2`, { isCommitted: true })).json()
    expect(same.digest).toBe((await r.reader.get(`/models/${id}/versions/1`)).json().digest)
    const changed = (await copy(r.writer, id, { sourceVersion: 'latest' })).json().version
    await r.writer.put(`/models/${id}/versions/${changed}/files/a`, 'ONE')
    await r.writer.delete(`/models/${id}/versions/${changed}/files/b/c`)
    expect((await r.writer.put(`/models/${id}/versions/${changed}`, { isCommitted: true })).json()).toMatchObject({
      fileCount: 2,
      usageBytes: '6',
    })
    expect((await r.reader.get(`/models/${id}/versions/1/files/a`)).body).toBe('one')
    expect((await r.reader.get(`/models/${id}/versions/2/files/a`)).body).toBe('one')
  })

  test('may be of another model of the team, by number or alias, and the feed says where it is from', async () => {
    const { id: source } = await keepModel(r.writer, FILES)
    await r.writer.put(`/models/${source}/aliases/prod`, { version: '1' })
    const { id } = (await r.writer.post('/models', { name: 'target' })).json()
    expect((await copy(r.writer, id, { sourceModelId: source, sourceVersion: 'prod' })).json()).toMatchObject({
      modelId: id,
      version: '1',
      fileCount: 3,
    })
    const { items } = (await r.reader.get(`/models/${id}/events?kind=version.create`)).json()
    expect(items).toMatchObject([{ details: { sourceModelId: source, sourceVersion: 1 } }])
  })

  test('of more files than go into one step is whole, and so is one that was asked for twice', async () => {
    const { id } = (await r.writer.post('/models', { name: 'many' })).json()
    await r.writer.post(`/models/${id}/versions`)
    await r.writer.put(`/models/${id}/versions/1/files/first`, 'bytes')
    await seedFiles(r.app, id, 1299)
    const { digest } = (await r.writer.put(`/models/${id}/versions/1`, { isCommitted: true })).json()
    const key = { 'idempotency-key': 'copy-many' }
    const [first, again] = [
      await copy(r.writer, id, { sourceVersion: '1' }, key),
      await copy(r.writer, id, { sourceVersion: '1' }, key),
    ]
    expect(first.json()).toMatchObject({ version: '2', fileCount: 1300, usageBytes: '6500' })
    expect(again.body).toBe(first.body)
    expect((await r.writer.put(`/models/${id}/versions/2`, { isCommitted: true })).json().digest).toBe(digest)
  })

  test('that was stopped half-way is completed by the same request again', async () => {
    const { id } = await keepModel(r.writer, FILES)
    const key = { 'idempotency-key': 'copy-stopped' }
    await copy(r.writer, id, { sourceVersion: '1' }, key)
    // As after the end of the process in the midst of it: the last files are not there yet.
    await r.writer.delete(`/models/${id}/versions/2/files/b/d`)
    await r.writer.delete(`/models/${id}/versions/2/files/b/c`)
    expect((await copy(r.writer, id, { sourceVersion: '1' }, key)).json()).toMatchObject({ version: '2', fileCount: 3 })
    expect(await filesOf(id, '2')).toEqual(await filesOf(id, '1'))
  })

  test('keeps its bytes when the source is deleted', async () => {
    const { id } = await keepModel(r.writer, { only: 'here alone' })
    await copy(r.writer, id, { sourceVersion: '1' })
    expect((await r.writer.delete(`/models/${id}/versions/1`)).statusCode).toBe(200)
    await finishJobs(r.app)
    expect((await r.reader.get(`/models/${id}/versions/2/files/only`)).body).toBe('here alone')
  })

  test('of nothing is an empty draft', async () => {
    const { id } = await keepModel(r.writer, {})
    expect((await copy(r.writer, id, { sourceVersion: '1' })).json()).toMatchObject({ version: '2', fileCount: 0 })
  })
})

describe('no copy is made', () => {
  const refused = async (caller: Caller, id: string, body: object) => {
    const before = (await r.reader.get(`/models/${id}/versions`)).json()
    const { statusCode, body: text } = await copy(caller, id, body)
    expect((await r.reader.get(`/models/${id}/versions`)).json()).toEqual(before)
    return { statusCode, message: JSON.parse(text).message }
  }

  test('of a draft', async () => {
    const { id } = (await r.writer.post('/models', { name: 'm' })).json()
    await r.writer.post(`/models/${id}/versions`)
    expect(await refused(r.writer, id, { sourceVersion: '1' })).toEqual({
      statusCode: 409,
      message: 'version 1 is a draft; commit it first',
    })
  })

  test('of what is not there, or not said', async () => {
    const { id } = await keepModel(r.writer)
    for (const body of [
      { sourceVersion: '7' },
      { sourceVersion: 'prod' },
      { sourceVersion: '' },
      { sourceModelId: 'mo0000000000000', sourceVersion: '1' },
    ])
      expect(await refused(r.writer, id, body)).toMatchObject({ statusCode: 404 })
    expect(await refused(r.writer, id, { sourceModelId: id })).toEqual({
      statusCode: 400,
      message: 'sourceVersion must say which version of sourceModelId',
    })
  })

  test("of another team's private model: it is not there", async () => {
    const { id: theirs } = await keepModel(r.stranger)
    const { id } = await keepModel(r.writer)
    const missing = await refused(r.writer, id, { sourceModelId: 'mo0000000000000', sourceVersion: '1' })
    const hidden = await refused(r.writer, id, { sourceModelId: theirs, sourceVersion: '1' })
    expect(hidden).toEqual({ statusCode: 404, message: missing.message.replace('mo0000000000000', theirs) })
  })

  test("of another team's public model, whose bytes are theirs", async () => {
    const { id: theirs } = await keepModel(r.stranger, FILES, { isPublic: true })
    const { id } = await keepModel(r.writer)
    expect(await refused(r.writer, id, { sourceModelId: theirs, sourceVersion: '1' })).toEqual({
      statusCode: 409,
      message: `the bytes of model "${theirs}" are another team's; pull the version and push it into your own model`,
    })
  })

  test('by a reader, or into a model of another team', async () => {
    const { id } = await keepModel(r.writer, FILES, { isPublic: true })
    expect(await refused(r.reader, id, { sourceVersion: '1' })).toMatchObject({ statusCode: 403 })
    expect(await refused(r.stranger, id, { sourceVersion: '1' })).toMatchObject({ statusCode: 403 })
  })

  test('where its key is revoked on the way', async () => {
    const { id } = (await r.writer.post('/models', { name: 'many' })).json()
    await r.writer.post(`/models/${id}/versions`)
    await r.writer.put(`/models/${id}/versions/1/files/first`, 'bytes')
    await seedFiles(r.app, id, 29_999)
    await r.writer.put(`/models/${id}/versions/1`, { isCommitted: true })
    const key = (await r.admin.post('/api-keys', { name: 'short', role: 'writer' })).json()
    const copying = copy(r.as(key.key), id, { sourceVersion: '1' })
    await expect
      .poll(async () => (await r.reader.get(`/models/${id}/versions/2`)).json().fileCount ?? 0)
      .toBeGreaterThan(0)
    await r.admin.delete(`/api-keys/${key.id}`)
    expect((await copying).statusCode).toBe(401)
  })
})
