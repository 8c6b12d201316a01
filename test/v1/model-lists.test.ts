import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getPage, walk } from '../support/lists.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

/** Makes models one after the other and answers their ids, the oldest first. */
async function make(models: Array<Record<string, unknown>>): Promise<string[]> {
  const ids: string[] = []
  for (const model of models) {
    ids.push((await r.writer.post('/models', { isPublic: false, name: 'x', ...model })).json().id)
  }
  return ids
}

const idsOf = (items: Array<Record<string, unknown>>) => items.map(item => item['id'])

describe('the parameters of every list', () => {
  const lists = ['/models', '/projects', '/storage-providers', '/users', '/api-keys', '/teams']

  test.each(lists)('%s takes a limit of decimal digits up to its own maximum and nothing else', async path => {
    const max = ['/users', '/api-keys', '/teams'].includes(path) ? 1000 : 120
    for (const limit of ['1', '50', String(max)]) {
      expect((await r.admin.get(`${path}?limit=${limit}`)).statusCode, limit).toBe(200)
    }
    for (const limit of [
      '0',
      String(max + 1),
      '-1',
      '1.5',
      'abc',
      '',
      '1000000000',
      '1e2',
      '0x10',
      'NaN',
      '5&limit=6',
      'null',
    ]) {
      const answer = await r.admin.get(`${path}?limit=${limit}`)
      expect(answer.statusCode, limit).toBe(400)
      expect(answer.json()).toMatchObject({
        code: 'BAD_REQUEST',
        message: `limit must be a whole number from 1 to ${max}`,
      })
    }
  })

  test.each(lists)('%s takes asc and desc as the order, dtCreated as the field', async path => {
    expect((await r.admin.get(`${path}?order=asc&orderBy=dtCreated`)).statusCode).toBe(200)
    expect((await r.admin.get(`${path}?order=desc`)).statusCode).toBe(200)
    for (const [query, message] of [
      ['order=up', 'order must be "asc" or "desc"'],
      ['order=ASC', 'order must be "asc" or "desc"'],
      ['order=', 'order must be "asc" or "desc"'],
      ['orderBy=name', 'orderBy must be "dtCreated"'],
      ['orderBy=seq;drop', 'orderBy must be "dtCreated"'],
    ]) {
      expect((await r.admin.get(`${path}?${query}`)).json(), query).toMatchObject({ code: 'BAD_REQUEST', message })
    }
  })

  test.each(lists)('%s refuses a cursor that is none', async path => {
    for (const after of ['', '5', '2023', 's', 's!', 's99999999999999999', 'tYQ', 'null', 's1&after=s2', '%00']) {
      const answer = await r.admin.get(`${path}?after=${after}`)
      expect(answer.statusCode, after).toBe(400)
      expect(answer.json().code).toBe('BAD_REQUEST')
      expect(answer.json().message).toMatch(/^after must be/)
    }
  })
})

describe('the order of models', () => {
  test('is newest first unless asked otherwise', async () => {
    const { id: projectId } = (await r.writer.post('/projects', { name: 'order' })).json()
    const ids = await make([{ projectId }, { projectId }, { projectId }])
    expect(idsOf((await getPage(r.reader, '/models', { projectId })).items)).toEqual(ids.toReversed())
    expect(idsOf((await getPage(r.reader, '/models', { projectId, order: 'asc' })).items)).toEqual(ids)
    expect(idsOf(await walk(r.reader, '/models', { projectId, order: 'asc', limit: 2 }))).toEqual(ids)
  })

  test('a change does not move a model in the list', async () => {
    const { id: projectId } = (await r.writer.post('/projects', { name: 'change' })).json()
    const ids = await make([{ projectId }, { projectId }])
    await r.writer.put(`/models/${ids[0]}`, { name: 'changed' })
    expect(idsOf((await getPage(r.reader, '/models', { projectId })).items)).toEqual(ids.toReversed())
  })

  test('a page has 50 models unless asked otherwise, and 120 at most', async () => {
    const { id: projectId } = (await r.writer.post('/projects', { name: 'many' })).json()
    await Promise.all(
      Array.from({ length: 121 }, () => r.writer.post('/models', { isPublic: false, name: 'm', projectId })),
    )
    expect((await getPage(r.reader, '/models', { projectId })).items).toHaveLength(50)
    const page = await getPage(r.reader, '/models', { projectId, limit: 120 })
    expect(page.items).toHaveLength(120)
    expect(page.hasMore).toBe(true)
    const last = await getPage(r.reader, '/models', { projectId, limit: 120, after: page.nextPage })
    expect(last).toMatchObject({ hasMore: false, nextPage: null, items: [{}] })
  })
})

describe('filters', () => {
  test('projectId shows the models of one project, and nothing for a project of another team', async () => {
    const { id: projectId } = (await r.writer.post('/projects', { name: 'p' })).json()
    const [id] = await make([{ projectId }, {}])
    expect(idsOf((await getPage(r.reader, '/models', { projectId })).items)).toEqual([id])
    expect((await getPage(r.stranger, '/models', { projectId })).items).toEqual([])
  })

  test('name is the whole name, exactly', async () => {
    const [id] = await make([{ name: 'exact Name' }, { name: 'exact Name 2' }, { name: 'Exact Name' }])
    expect(idsOf((await getPage(r.reader, '/models', { name: 'exact Name' })).items)).toEqual([id])
    expect((await getPage(r.reader, '/models', { name: '%' })).items).toEqual([])
  })

  test('filters narrow each other down', async () => {
    const { id: projectId } = (await r.writer.post('/projects', { name: 'both' })).json()
    const [id] = await make([{ name: 'both', projectId }, { name: 'both' }, { name: 'other', projectId }])
    const found = await getPage(r.reader, '/models', { name: 'both', search: 'OT', projectId })
    expect(idsOf(found.items)).toEqual([id])
  })

  test('a public model of another team is not in the list', async () => {
    const theirs = (await r.stranger.post('/models', { isPublic: true, name: 'theirs-public' })).json()
    expect((await r.reader.get(`/models/${theirs.id}`)).statusCode).toBe(200)
    expect((await getPage(r.reader, '/models', { name: 'theirs-public' })).items).toEqual([])
  })
})
