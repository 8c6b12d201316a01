import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { finishJobs } from '../support/jobs.ts'
import { getPage, walk } from '../support/lists.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry({ HOLOTYPE_RECLAIM_GRACE_SECONDS: '0', HOLOTYPE_PUBLIC_URL: 'https://models.example.com/' })
})
afterAll(() => r.close())

/** A fresh model, and where its versions are. */
async function makeModel(): Promise<{ id: string; path: string }> {
  const { id } = (await r.writer.post('/models', { name: 'm' })).json()
  return { id, path: `/models/${id}/versions` }
}

describe('the life of a version', () => {
  test('it opens as a draft with thirteen fields in their order', async () => {
    const { id, path } = await makeModel()
    const answer = await r.writer.post(path, { message: 'first', metadata: { acc: 0.9 }, tags: 'a, b ,a,,' })
    expect(answer.statusCode).toBe(200)
    const { dtCreated, userId } = answer.json()
    expect(answer.body).toBe(
      `{"digest":null,"dtCreated":"${dtCreated}","dtModified":"${dtCreated}","fileCount":0,"isCommitted":false,"message":"first",` +
        `"metadata":{"acc":0.9},"modelId":"${id}","tags":["a","b"],"url":"https://models.example.com/v1/models/${id}/versions/1",` +
        `"usageBytes":"0","userId":"${userId}","version":"1"}`,
    )
    expect((await r.reader.get(`${path}/1`)).body).toBe(answer.body)
  })

  test('the body may be left out, and then all it could say is null', async () => {
    const { path } = await makeModel()
    const nothing = { message: null, metadata: null, tags: [] }
    expect((await r.writer.post(path)).json()).toMatchObject(nothing)
    expect((await r.writer.post(path, {})).json()).toMatchObject({ ...nothing, version: '2' })
    expect((await r.writer.post(path, '', { 'content-type': 'application/json' })).json()).toMatchObject(nothing)
  })

  test('it counts its files and bytes, is committed once, and then has a digest', async () => {
    const { path } = await makeModel()
    await r.writer.post(path)
    await r.writer.put(`${path}/1/files/a`, 'aaa')
    await r.writer.put(`${path}/1/files/b`, 'bb')
    await r.writer.put(`${path}/1/files/a`, 'a')
    expect((await r.reader.get(`${path}/1`)).json()).toMatchObject({ fileCount: 2, usageBytes: '3', digest: null })
    const committed = await r.writer.put(`${path}/1`, { isCommitted: true })
    expect(committed.json()).toMatchObject({ isCommitted: true, digest: expect.stringMatching(/^[0-9a-f]{64}$/) })
    // A lost answer can be asked for again.
    expect((await r.writer.put(`${path}/1`, { isCommitted: true })).body).toBe(committed.body)
  })

  test('there is no way back from a commit', async () => {
    const { id } = await keepModel(r.writer)
    const answer = await r.writer.put(`/models/${id}/versions/1`, { isCommitted: false, message: 'changed' })
    expect(answer.statusCode).toBe(409)
    expect(answer.json()).toEqual({
      code: 'CONFLICT',
      message: "version 1 is committed, and a commit can't be undone; create a new version",
    })
    expect((await r.reader.get(`/models/${id}/versions/1`)).json()).toMatchObject({ isCommitted: true, message: null })
  })

  test('isCommitted: false on a draft changes nothing', async () => {
    const { path } = await makeModel()
    const draft = await r.writer.post(path)
    expect((await r.writer.put(`${path}/1`, { isCommitted: false })).body).toBe(draft.body)
  })

  test('message, metadata and tags stay editable after the commit, and the rest of it stays', async () => {
    const { id } = await keepModel(r.writer)
    const path = `/models/${id}/versions/1`
    const before = (await r.reader.get(path)).json()
    const notes = { message: 'new', metadata: { nested: { list: [1, 'a', null, true] } } }
    const after = (await r.writer.put(path, { ...notes, tags: 'x,y' })).json()
    expect(after).toEqual({ ...before, ...notes, tags: ['x', 'y'], dtModified: after.dtModified })
    const cleared = (await r.writer.put(path, { message: null, metadata: null, tags: '' })).json()
    expect(cleared).toEqual({ ...before, dtModified: cleared.dtModified })
  })

  test('a number is never given out again, not even after a delete and after the job that cleans up', async () => {
    const { path } = await makeModel()
    await r.writer.post(path)
    await r.writer.post(path)
    expect((await r.writer.delete(`${path}/2`)).json()).toEqual({ modelId: expect.any(String), version: '2' })
    expect((await r.writer.post(path)).json().version).toBe('3')
    await r.writer.delete(`${path}/3`)
    await r.writer.delete(`${path}/1`)
    await finishJobs(r.app)
    expect((await r.writer.post(path)).json().version).toBe('4')
    expect((await r.reader.get(`${path}/2`)).statusCode).toBe(404)
    expect((await r.writer.delete(`${path}/2`)).statusCode).toBe(404)
  })

  test('versions opened at the same time get numbers without gaps or repeats', async () => {
    const { path } = await makeModel()
    const made = await Promise.all(Array.from({ length: 20 }, () => r.writer.post(path)))
    const numbers = made.map(answer => Number(answer.json().version)).toSorted((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  })

  test('a list shows drafts to the own team, newest first, and only those with a tag if asked', async () => {
    const { path } = await makeModel()
    await r.writer.post(path, { tags: 'a' })
    await r.writer.post(path, { tags: 'b' })
    await r.writer.post(path, { tags: 'a,b' })
    const numbers = async (query: Record<string, string>) =>
      (await walk(r.reader, path, query)).map(item => item['version'])
    expect(await numbers({})).toEqual(['3', '2', '1'])
    expect(await numbers({ tag: 'a' })).toEqual(['3', '1'])
    expect(await numbers({ tag: 'a', order: 'asc', limit: '1' })).toEqual(['1', '3'])
    expect(await numbers({ tag: 'A' })).toEqual([])
  })
})

describe('what people write about a version', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['a long message', { message: 'x'.repeat(10_001) }, '10000 characters'],
    ['a number as a message', { message: 5 }, 'message must be a string or null'],
    ['a list as metadata', { metadata: [] }, 'metadata must be a JSON object or null'],
    ['text as metadata', { metadata: 'x' }, 'metadata must be a JSON object or null'],
    [
      'large metadata',
      { metadata: { x: 'x'.repeat(65_536) } },
      'metadata must have at most 65536 bytes as JSON, not 65544',
    ],
    // S52
    ['a list of tags', { tags: ['a'] }, 'tags must be a string'],
    ['null as tags', { tags: null }, 'tags must be a string'],
    ['many tags', { tags: Array.from({ length: 51 }, (_, tag) => tag).join() }, 'tags must be at most 50 tags, not 51'],
    ['a long tag', { tags: 'x'.repeat(101) }, 'tags must have 1 to 100 characters, not 101'],
    ['a line break in a tag', { tags: 'a\nb' }, 'tags must not contain control characters or line breaks'],
  ])('%s is refused, on create and on update', async (_what, body, message) => {
    const { path } = await makeModel()
    await r.writer.post(path)
    for (const answer of [await r.writer.post(path, body), await r.writer.put(`${path}/1`, body)]) {
      expect(answer.statusCode).toBe(400)
      expect(answer.json()).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining(message) })
    }
    expect((await getPage(r.reader, path)).items).toHaveLength(1)
  })

  test('metadata comes back as it was, whatever its keys are called', async () => {
    const { path } = await makeModel()
    const metadata = {
      '': 1,
      'a.b': [],
      isCommitted: true,
      version: 'x',
      toJSON: 'x',
      '2023': {},
      é: '🙂',
      n: -0.5e-300,
    }
    await r.writer.post(path, { metadata })
    expect((await r.reader.get(`${path}/1`)).json().metadata).toEqual(metadata)
  })
})
