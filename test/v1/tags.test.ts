/** Models and versions by tag. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { finishJobs } from '../support/jobs.ts'
import { walk } from '../support/lists.ts'
import { type Caller, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

let count = 0
/** A tag that no other test has. */
function freshTag(): string {
  count += 1
  return `tag-${count}`
}

/** A model with a version for each of these, made by one caller. */
async function make(tags: string[], caller: Caller = r.writer): Promise<string> {
  const { id } = (await caller.post('/models', { name: 'm', isPublic: true })).json()
  for (const each of tags) await caller.post(`/models/${id}/versions`, { tags: each })
  return id
}

async function models(tag: string, query: Record<string, unknown> = {}, caller: Caller = r.reader): Promise<unknown[]> {
  return (await walk(caller, '/models', { tag, order: 'asc', ...query })).map(({ id }) => id)
}

async function versions(id: string, tag: string, caller: Caller = r.reader): Promise<unknown[]> {
  return (await walk(caller, `/models/${id}/versions`, { tag, order: 'asc' })).map(({ version }) => version)
}

describe('a model is found by a tag', () => {
  test('in any normal form', async () => {
    const tag = `${freshTag()} Größe é`
    const id = await make([tag.normalize('NFD'), `${tag.normalize('NFC')},${tag.normalize('NFD')}`])
    for (const form of ['NFC', 'NFD']) {
      expect(await models(tag.normalize(form))).toEqual([id])
      expect(await versions(id, tag.normalize(form))).toEqual(['1', '2'])
    }
    expect((await r.reader.get(`/models/${id}/versions/2`)).json().tags).toEqual([tag.normalize('NFC')])
  })

  test('of any of its versions, drafts too, once however many have it', async () => {
    const [tag, other] = [freshTag(), freshTag()]
    const id = await make([tag, `${other},${tag}`, ''])
    expect(await models(tag)).toEqual([id])
    expect(await models(other)).toEqual([id])
  })

  test('that is whole, in its case, and none of a part or a pattern', async () => {
    const tag = freshTag()
    await make([tag])
    for (const part of [tag.slice(1), tag.slice(0, -1), tag.toUpperCase(), `${tag} `, '%', '', `${tag},x`]) {
      expect(await models(part), part).toEqual([])
    }
  })

  test('only while one of its versions has it: the tags are changed', async () => {
    const tag = freshTag()
    const id = await make([tag, tag])
    await r.writer.put(`/models/${id}/versions/1`, { tags: 'another' })
    expect(await models(tag)).toEqual([id])
    await r.writer.put(`/models/${id}/versions/2`, { tags: '' })
    expect(await models(tag)).toEqual([])
    await r.writer.put(`/models/${id}/versions/1`, { tags: `another,${tag}` })
    expect(await models(tag)).toEqual([id])
  })

  test('only while one of its versions has it: the versions are deleted', async () => {
    const tag = freshTag()
    const id = await make([tag, tag])
    await r.writer.delete(`/models/${id}/versions/2`)
    expect(await models(tag)).toEqual([id])
    await r.writer.delete(`/models/${id}/versions/1`)
    expect(await models(tag)).toEqual([])
    await finishJobs(r.app)
    expect(await models(tag)).toEqual([])
  })

  test('not when the model is deleted, before and after the jobs', async () => {
    const tag = freshTag()
    const [gone, kept] = [await make([tag]), await make([tag])]
    await r.writer.delete(`/models/${gone}`)
    expect(await models(tag)).toEqual([kept])
    await finishJobs(r.app)
    expect(await models(tag)).toEqual([kept])
  })

  test('after the commit as before it', async () => {
    const tag = freshTag()
    const id = await make([tag])
    await r.writer.put(`/models/${id}/versions/1`, { isCommitted: true })
    expect(await models(tag)).toEqual([id])
    await r.writer.put(`/models/${id}/versions/1`, { message: 'm' })
    expect(await models(tag)).toEqual([id])
  })

  test('never by another team’s', async () => {
    const tag = freshTag()
    const [mine, theirs] = [await make([tag]), await make([tag], r.stranger)]
    expect(await models(tag)).toEqual([mine])
    expect(await models(tag, {}, r.stranger)).toEqual([theirs])
  })

  test('together with a project, a name and an order, page by page', async () => {
    const tag = freshTag()
    const projectId = (await r.writer.post('/projects', { name: 'p' })).json().id
    const ids = []
    for (let index = 0; index < 6; index += 1) {
      const id = await make([tag, tag])
      ids.push(id)
      if (index % 2 === 0) await r.writer.post(`/projects/${projectId}/models/${id}`)
    }
    await r.writer.put(`/models/${ids[3]}`, { name: 'the third' })
    for (const limit of [1, 4]) {
      expect(await models(tag, { limit })).toEqual(ids)
      expect(await models(tag, { limit, order: 'desc' })).toEqual(ids.toReversed())
      expect(await models(tag, { limit, projectId })).toEqual([ids[0], ids[2], ids[4]])
      expect(await models(tag, { limit, name: 'the third' })).toEqual([ids[3]])
    }
  })

  test('whatever many write at the same time', async () => {
    const tag = freshTag()
    const id = await make(Array.from({ length: 10 }, () => tag))
    const all = Array.from({ length: 10 }, (_, index) => index + 1)
    await Promise.all(all.map(number => r.writer.put(`/models/${id}/versions/${number}`, { tags: '' })))
    expect(await models(tag)).toEqual([])
    await Promise.all(all.map(number => r.writer.put(`/models/${id}/versions/${number}`, { tags: tag })))
    await Promise.all(all.slice(1).map(number => r.writer.delete(`/models/${id}/versions/${number}`)))
    expect(await models(tag)).toEqual([id])
  })
})

describe('versions are found by a tag', () => {
  test('that is whole, the newest first unless asked otherwise, page by page', async () => {
    const tag = freshTag()
    const id = await make([tag, 'other', `x, ${tag}`, tag])
    expect(await versions(id, tag)).toEqual(['1', '3', '4'])
    const paged = await walk(r.reader, `/models/${id}/versions`, { tag, limit: 1 })
    expect(paged.map(({ version }) => version)).toEqual(['4', '3', '1'])
    expect(await versions(id, tag.slice(1))).toEqual([])
  })

  test('only while they have it and are there', async () => {
    const tag = freshTag()
    const id = await make([tag, tag, tag])
    await r.writer.put(`/models/${id}/versions/1`, { tags: 'other' })
    await r.writer.delete(`/models/${id}/versions/2`)
    expect(await versions(id, tag)).toEqual(['3'])
  })

  test('by another team only where they are committed', async () => {
    const tag = freshTag()
    const id = await make([tag, tag])
    await r.writer.put(`/models/${id}/versions/1`, { isCommitted: true })
    expect(await versions(id, tag, r.stranger)).toEqual(['1'])
    expect(await versions(id, tag)).toEqual(['1', '2'])
  })
})
