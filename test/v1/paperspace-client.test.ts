/** What the official Paperspace client (`pspace` 1.x) sends and needs, one test for each of its demands. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { looksLikeDate } from '../support/dates.ts'
import { walk } from '../support/lists.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

/** The headers of every one of its requests, also of those without a body. */
const PSPACE = {
  'content-type': 'application/json',
  'x-client': 'paperspace-cli',
  'x-client-version': '1.10.1',
  accept: '*/*',
  'accept-language': '*',
  'accept-encoding': 'gzip,br',
  'user-agent': 'Deno/1.40.0',
}

describe('what the client sends', () => {
  test('isPublic is absent when false', async () => {
    const answer = await r.writer.post('/models', { name: 'n', description: 'd' }, PSPACE)
    expect(answer.statusCode).toBe(200)
    expect(answer.json().isPublic).toBe(false)
  })

  test('every falsy value is left out of a body, so an empty name arrives as none', async () => {
    const { id } = (await r.writer.post('/projects', { name: 'p' }, PSPACE)).json()
    const answer = await r.writer.put(`/projects/${id}`, {}, PSPACE)
    expect(answer.json()).toEqual({ code: 'BAD_REQUEST', message: 'name is required' })
  })

  test('GET and DELETE announce JSON and have no body', async () => {
    const { id } = (await r.writer.post('/models', { name: 'n' }, PSPACE)).json()
    expect((await r.writer.get(`/models/${id}`, PSPACE)).statusCode).toBe(200)
    const answer = await r.writer.delete(`/models/${id}`, PSPACE)
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({ id })
    const project = (await r.writer.post('/projects', { name: 'p' }, PSPACE)).json()
    expect((await r.writer.delete(`/projects/${project.id}`, PSPACE)).statusCode).toBe(200)
  })

  test('an id is percent-encoded as one segment, and decoded once', async () => {
    const encoded = encodeURIComponent('a/b c?x#é')
    const answer = await r.reader.get(`/models/${encoded}`, PSPACE)
    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toEqual({ code: 'NOT_FOUND', message: 'model "a/b c?x#é" does not exist' })
    const twice = await r.reader.get(`/models/${encodeURIComponent(encoded)}`, PSPACE)
    expect(twice.json().message).toBe('model "a%2Fb%20c%3Fx%23%C3%A9" does not exist')
  })

  test('project list puts all its own flags into the query, the API key too', async () => {
    const query = `json=true&fields=id%2Cname&api-key=${r.reader.key}&limit=1&orderBy=dtCreated&order=asc`
    const answer = await r.reader.get(`/projects?${query}`, PSPACE)
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toHaveProperty('hasMore')
  })

  test('a key in the query opens nothing', async () => {
    expect((await r.nobody.get(`/projects?api-key=${r.reader.key}`, PSPACE)).statusCode).toBe(401)
  })

  test('the pickers ask for 50', async () => {
    expect((await r.reader.get('/models?limit=50', PSPACE)).statusCode).toBe(200)
  })

  test('limits of -1 and 1.5 are sent as they are', async () => {
    for (const limit of ['-1', '1.5']) {
      expect((await r.reader.get(`/models?limit=${limit}&orderBy=dtCreated`, PSPACE)).json()).toEqual({
        code: 'BAD_REQUEST',
        message: 'limit must be a whole number from 1 to 120',
      })
    }
  })
})

describe('errors', () => {
  const refusals: Array<[string, () => Promise<{ statusCode: number; body: string }>]> = [
    ['a field that is wrong', () => r.writer.post('/models', { name: 5 }, PSPACE)],
    ['a rule of the registry', () => r.writer.post('/models', { name: 'a\nb' }, PSPACE)],
    ['a path that is wrong', () => r.writer.get('/models?after=x', PSPACE)],
    ['an unknown id', () => r.writer.get('/models/x', PSPACE)],
    ['no key', () => r.nobody.get('/models', PSPACE)],
    ['too little of a role', () => r.reader.post('/models', { name: 'x' }, PSPACE)],
    ['a wrong method', () => r.reader.call('PATCH', '/models', undefined, PSPACE)],
    ['a path that leads nowhere', () => r.reader.get('/nothing', PSPACE)],
    ['malformed JSON', () => r.writer.post('/models', '{', PSPACE)],
    ['a large body', () => r.writer.post('/models', JSON.stringify({ name: 'x'.repeat(2 ** 20) }), PSPACE)],
    ['another media type', () => r.writer.post('/models', 'x', { ...PSPACE, 'content-type': 'text/plain' })],
    ['a malformed URL', () => r.writer.get('/models/%ZZ', PSPACE)],
    ['a long path', () => r.writer.get(`/models/${'x'.repeat(5000)}`, PSPACE)],
  ]
  const KNOWN_CODES =
    /^(PARSE_ERROR|BAD_REQUEST|INTERNAL_SERVER_ERROR|UNAUTHORIZED|FORBIDDEN|NOT_FOUND|METHOD_NOT_SUPPORTED|TIMEOUT|CONFLICT|PRECONDITION_FAILED|PAYLOAD_TOO_LARGE|TOO_MANY_REQUESTS|CLIENT_CLOSED_REQUEST)$/

  test.each(refusals)('are exactly {code, message}, with a code it knows: %s', async (_what, send) => {
    const { statusCode, body } = await send()
    expect(statusCode).toBeGreaterThanOrEqual(400)
    expect(Object.keys(JSON.parse(body))).toEqual(['code', 'message'])
    expect(JSON.parse(body).code).toMatch(KNOWN_CODES)
    expect(looksLikeDate(JSON.parse(body).message)).toBe(false)
  })

  test('have details about single fields for every other client', async () => {
    const answer = await r.writer.post('/models', { name: 5 })
    expect(answer.json()).toEqual({
      code: 'BAD_REQUEST',
      message: 'name must be a string',
      details: { problems: [{ field: 'name', message: 'must be a string' }] },
    })
  })
})

describe('successes', () => {
  test('every list item has the same keys in the same order, nulls included', async () => {
    const project = (await r.writer.post('/projects', { name: 'p' })).json()
    await keepModel(r.writer, { a: 'a' }, { projectId: project.id, description: 'd' })
    const { id } = await keepModel(r.writer, { a: 'a', b: '' })
    await r.writer.post(`/models/${id}/versions`, { message: 'm', metadata: { x: 1 }, tags: 'a,b' })
    await r.writer.put(`/models/${id}/aliases/prod`, { version: '1' })
    await r.admin.post('/api-keys', { name: 'k', role: 'reader', dtExpires: '2999-01-01T00:00:00Z' })
    await r.admin.post('/users', { name: 'u', email: 'u@example.com' })
    const below = ['/versions', '/versions/1/files', '/aliases', '/events'].map(path => `/models/${id}${path}`)
    for (const path of ['/models', '/projects', '/storage-providers', '/api-keys', '/users', '/teams', ...below]) {
      const items = await walk(r.admin, path)
      const shapes = new Set(items.map(item => Object.keys(item).join()))
      expect(shapes.size, path).toBe(1)
      const [keys = ''] = shapes
      expect(keys, `${path} in alphabetical order`).toBe(keys.split(',').toSorted().join())
    }
  })

  test('ids never look like a date', async () => {
    const { id } = await keepModel(r.writer)
    const items = await walk(r.admin, `/models/${id}/events`)
    expect(items.length).toBeGreaterThan(3)
    for (const item of items) {
      for (const key of ['id', 'modelId', 'userId', 'apiKeyId']) {
        expect(String(item[key])).toMatch(/^[a-z]{2}[0-9a-z]+$/)
        expect(looksLikeDate(String(item[key]))).toBe(false)
      }
    }
  })
})
