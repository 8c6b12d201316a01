/** Whatever the framework itself refuses must look like every other error: `{code, message}` with a code that clients know. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StoreFullError } from '../../src/blobs/blob-store.ts'
import { faultyDatabase, faultyStore } from '../support/faults.ts'
import { collectLogs } from '../support/logs.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
const database = faultyDatabase()
const store = faultyStore()
const logs = collectLogs()
beforeAll(async () => {
  r = await startRegistry({}, { ...database, ...store, openDatabase: database.openDatabase, logger: logs.logger })
})
afterAll(() => r.close())

describe('a request that reaches no operation', () => {
  test.each<
    [
      string,
      'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS',
      string,
      unknown,
      Record<string, string>,
      number,
      string,
      string,
    ]
  >([
    [
      'an unknown path',
      'GET',
      '/nothing',
      undefined,
      {},
      404,
      'NOT_FOUND',
      'there is nothing at GET "/v1/nothing"; /docs shows what there is',
    ],
    [
      'an unknown path with a body',
      'POST',
      '/nothing',
      'x',
      {},
      404,
      'NOT_FOUND',
      'there is nothing at POST "/v1/nothing"; /docs shows what there is',
    ],
    [
      'the root of the API',
      'GET',
      '',
      undefined,
      {},
      404,
      'NOT_FOUND',
      'there is nothing at GET "/v1"; /docs shows what there is',
    ],
    [
      'a wrong method',
      'PUT',
      '/models',
      {},
      {},
      405,
      'METHOD_NOT_SUPPORTED',
      'PUT is not possible here; possible: GET, POST, HEAD',
    ],
    [
      'a wrong method with a body of any type',
      'DELETE',
      '/models',
      'x',
      { 'content-type': 'weird' },
      405,
      'METHOD_NOT_SUPPORTED',
      'DELETE is not possible here; possible: GET, POST, HEAD',
    ],
    [
      'a question for options',
      'OPTIONS',
      '/models',
      undefined,
      {},
      405,
      'METHOD_NOT_SUPPORTED',
      'OPTIONS is not possible here; possible: GET, POST, HEAD',
    ],
    [
      'a malformed escape',
      'GET',
      '/models/%ZZ',
      undefined,
      {},
      400,
      'BAD_REQUEST',
      'the path is not a well-formed URL path (check the percent-encoding)',
    ],
    [
      'an escape that is no UTF-8',
      'GET',
      '/models/%FF',
      undefined,
      {},
      400,
      'BAD_REQUEST',
      'the path is not a well-formed URL path (check the percent-encoding)',
    ],
    [
      'a long id',
      'GET',
      `/models/${'x'.repeat(4097)}`,
      undefined,
      {},
      414,
      'BAD_REQUEST',
      'a part of the path is too long',
    ],
  ])('%s', async (_what, method, path, body, headers, status, code, message) => {
    const answer = await r.writer.call(method, path, body, headers)
    expect(answer.statusCode).toBe(status)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.json()).toEqual({ code, message })
  })

  test('a path that no door owns gets a neutral answer', async () => {
    for (const url of ['/models', '/', '/v2/models', '/v1models']) {
      const answer = await r.app.server.inject({ url })
      expect(answer.statusCode, url).toBe(404)
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(answer.json()).toEqual({ message: `there is nothing at GET "${url}"; /docs shows what there is` })
    }
  })

  test('405 says in Allow what would be possible, on every path there is', async () => {
    const refused = r.app.routes.filter(({ permission, url }) => permission === 'none' && url.startsWith('/v1/'))
    expect(refused.length).toBeGreaterThan(50)
    for (const { method, url } of refused) {
      const answer = await r.app.server.inject({ method: method as 'GET', url: url.replaceAll(/:\w+|\*/g, 'x') })
      expect(answer.statusCode, `${method} ${url}`).toBe(405)
      const possible = r.app.routes.filter(route => route.url === url && !refused.includes(route))
      const allowed = String(answer.headers['allow']).split(', ')
      expect(allowed.toSorted(), url).toEqual(possible.map(route => route.method).toSorted())
    }
  })
})

describe('what goes wrong on the server', () => {
  test('stays bare in the answer, and is logged once', async () => {
    database.failure = new Error('secret detail of the database')
    const answer = await r.writer.post('/models', { name: 'x' })
    database.failure = undefined
    expect(answer.statusCode).toBe(500)
    expect(answer.json()).toEqual({
      code: 'INTERNAL_SERVER_ERROR',
      message: 'something went wrong on the server; its log has the details',
    })
    expect(logs.text().split('secret detail of the database').length - 1).toBeGreaterThan(0)
    expect(logs.text().match(/"msg":"request failed"/g)).toHaveLength(1)
  })

  test('a download that cannot begin has no header of the file left', async () => {
    const { id } = await keepModel(r.writer, { 'w.bin': 'weights' })
    store.failure = new Error('the disk is gone')
    const answer = await r.reader.get(`/models/${id}/versions/1/files/w.bin`, { range: 'bytes=0-1' })
    store.failure = undefined
    expect(answer.statusCode).toBe(500)
    expect(answer.headers['content-length']).toBe(String(answer.rawPayload.length))
    expect(answer.headers).not.toHaveProperty('etag')
    expect(answer.headers).not.toHaveProperty('content-range')
    expect(answer.headers).not.toHaveProperty('repr-digest')
    expect(answer.json().code).toBe('INTERNAL_SERVER_ERROR')
  })

  test('a full disk is 507, and says so', async () => {
    const { id } = (await r.writer.post('/models', { name: 'x' })).json()
    await r.writer.post(`/models/${id}/versions`)
    store.failure = new StoreFullError('no room')
    const answer = await r.writer.put(`/models/${id}/versions/1/files/a`, 'abc')
    store.failure = undefined
    expect(answer.statusCode).toBe(507)
    expect(answer.json()).toEqual({
      code: 'INTERNAL_SERVER_ERROR',
      message: 'there is no room left for the bytes; nothing was kept',
    })
  })
})
