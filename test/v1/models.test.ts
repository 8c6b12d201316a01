import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

/** A body with what differs from run to run made the same, its keys in the order they came in. */
function redact(body: string): string {
  return body
    .replaceAll(/"(mo|pr|sp|te|us|ak)[0-9a-z]{13}"/g, '"<$1>"')
    .replaceAll(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g, '"<time>"')
}

describe('the four operations of the contract', () => {
  test('create answers the nine fields in their order, with status 200', async () => {
    const answer = await r.writer.post('/models', { isPublic: true, name: 'resnet', description: 'a net' })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(redact(answer.body)).toBe(
      '{"description":"a net","dtCreated":"<time>","dtModified":"<time>","id":"<mo>","isPublic":true,"name":"resnet","projectId":null,"storageProviderId":null,"teamId":"<te>"}',
    )
  })

  test('get answers the very text that create answered', async () => {
    const created = await r.writer.post('/models', { isPublic: false, name: 'resnet' })
    const answer = await r.reader.get(`/models/${created.json().id}`)
    expect(answer.statusCode).toBe(200)
    expect(answer.body).toBe(created.body)
  })

  test('list answers a page with the same nine fields in the same order', async () => {
    const project = (await r.writer.post('/projects', { name: 'page' })).json()
    await r.writer.post('/models', { isPublic: false, name: 'listed', projectId: project.id })
    const answer = await r.reader.get(`/models?projectId=${project.id}`)
    expect(answer.statusCode).toBe(200)
    expect(redact(answer.body)).toBe(
      '{"hasMore":false,"items":[{"description":null,"dtCreated":"<time>","dtModified":"<time>","id":"<mo>","isPublic":false,"name":"listed","projectId":"<pr>","storageProviderId":null,"teamId":"<te>"}],"nextPage":null}',
    )
  })

  test('an empty list is a page too', async () => {
    const answer = await r.reader.get('/models?projectId=prnone')
    expect(answer.body).toBe('{"hasMore":false,"items":[],"nextPage":null}')
  })

  test('delete answers the id alone, with status 200, and then the model is gone for everyone', async () => {
    const { id } = (await r.writer.post('/models', { isPublic: true, name: 'short-lived' })).json()
    const answer = await r.writer.delete(`/models/${id}`)
    expect(answer.statusCode).toBe(200)
    expect(answer.body).toBe(`{"id":"${id}"}`)
    for (const caller of [r.admin, r.writer, r.reader, r.stranger]) {
      expect((await caller.get(`/models/${id}`)).statusCode).toBe(404)
    }
    expect((await r.writer.delete(`/models/${id}`)).json()).toEqual({
      code: 'NOT_FOUND',
      message: `model "${id}" does not exist`,
    })
  })

  test('delete takes versions, files and aliases along', async () => {
    const { id } = await keepModel(r.writer)
    await r.writer.put(`/models/${id}/aliases/prod`, { version: '1' })
    await r.writer.delete(`/models/${id}`)
    for (const path of ['/versions', '/versions/1', '/versions/1/files/weights.bin', '/aliases/prod', '/events']) {
      expect((await r.writer.get(`/models/${id}${path}`)).statusCode, path).toBe(404)
    }
  })
})

describe('creating a model', () => {
  test('takes a project and a storage provider of the own team', async () => {
    const project = (await r.writer.post('/projects', { name: 'mine' })).json()
    const [provider] = (await r.writer.get('/storage-providers')).json().items
    const body = { isPublic: false, name: 'placed', projectId: project.id, storageProviderId: provider.id }
    expect((await r.writer.post('/models', body)).json()).toMatchObject(body)
  })

  // No cross-team probing: another team's thing and one that never was get the same sentence.
  test.each(['project', 'storage provider'])(
    'refuses the %s of another team as one that does not exist',
    async what => {
      const key = what === 'project' ? 'projectId' : 'storageProviderId'
      const theirs =
        what === 'project'
          ? (await r.stranger.post('/projects', { name: 'theirs' })).json()
          : (await r.stranger.get('/storage-providers')).json().items[0]
      for (const id of [theirs.id, 'xx0123456789abc']) {
        const answer = await r.writer.post('/models', { isPublic: false, name: 'x', [key]: id })
        expect(answer.json()).toEqual({ code: 'NOT_FOUND', message: `${what} "${id}" does not exist` })
      }
    },
  )

  test.each([
    ['one character', 'x'],
    ['255 characters', '🙂'.repeat(255)],
    ['what looks like a year', '2023'],
    ['markup', '<img src=x onerror=alert(1)>'],
    ['SQL', `'; DROP TABLE models; --`],
    ['a path', '../../etc/passwd'],
  ])('keeps %s as a name, unchanged', async (_what, name) => {
    const created = (await r.writer.post('/models', { isPublic: false, name })).json()
    expect((await r.reader.get(`/models/${created.id}`)).json().name).toBe(name)
  })

  test('two models may have the same name', async () => {
    const one = (await r.writer.post('/models', { isPublic: false, name: 'twin' })).json()
    const two = (await r.writer.post('/models', { isPublic: false, name: 'twin' })).json()
    expect(one.id).not.toBe(two.id)
  })

  test.each<[string, unknown, string]>([
    ['no name', { isPublic: false }, 'name is required'],
    ['an empty name', { name: '' }, 'name must have 1 to 255 characters'],
    ['a long name', { name: 'x'.repeat(256) }, 'name must have 1 to 255 characters'],
    ['a number as a name', { name: 5 }, 'name must be a string'],
    ['null as a name', { name: null }, 'name must be a string'],
    ['a list as a name', { name: ['x'] }, 'name must be a string'],
    ['a line break in the name', { name: 'a\nb' }, 'name must not contain control characters or line breaks'],
    ['text as isPublic', { name: 'x', isPublic: 'true' }, 'isPublic must be a boolean'],
    ['null as isPublic', { name: 'x', isPublic: null }, 'isPublic must be a boolean'],
    ['an object as a description', { name: 'x', description: {} }, 'description must be a string or null'],
    [
      'a long description',
      { name: 'x', description: 'x'.repeat(10_001) },
      'description must have 0 to 10000 characters',
    ],
    ['null as projectId', { name: 'x', projectId: null }, 'projectId must be a string'],
    ['a list', [], 'the body must be a JSON object'],
    ['nothing', undefined, 'the body must be a JSON object'],
  ])('refuses %s, in words', async (_what, body, message) => {
    const answer = await r.writer.post('/models', body)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ code: 'BAD_REQUEST', message })
  })
})

describe('updating a model', () => {
  test('changes what is given and leaves the rest', async () => {
    const before = (await r.writer.post('/models', { isPublic: false, name: 'old', description: 'text' })).json()
    const { dtModified, ...changed } = (await r.writer.put(`/models/${before.id}`, { name: 'new' })).json()
    expect(changed).toEqual({ ...before, name: 'new', dtModified: undefined })
    expect(Date.parse(dtModified)).toBeGreaterThanOrEqual(Date.parse(before.dtModified))
    const published = await r.writer.put(`/models/${before.id}`, { isPublic: true, description: null })
    expect(published.json()).toMatchObject({ isPublic: true, description: null, name: 'new' })
    expect((await r.reader.get(`/models/${before.id}`)).body).toBe(published.body)
  })

  test.each<[unknown, string]>([
    [{ name: '' }, 'name must have 1 to 255 characters'],
    [{ isPublic: null }, 'isPublic must be a boolean'],
    [{ description: 5 }, 'description must be a string or null'],
  ])('refuses %j', async (body, message) => {
    const { id } = (await r.writer.post('/models', { isPublic: false, name: 'x' })).json()
    expect((await r.writer.put(`/models/${id}`, body)).json()).toMatchObject({ code: 'BAD_REQUEST', message })
  })
})
