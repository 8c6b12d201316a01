/** A second door: everything that doors decide themselves, and what the server does where none is. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { RegistryError } from '../../src/domain/errors.ts'
import { type Door, findDoor } from '../../src/http/door.ts'
import { defineRoute } from '../../src/http/route.ts'
import { createServer } from '../../src/http/server.ts'
import { v1 } from '../../src/http/v1/door.ts'
import { getModel } from '../../src/registry/models/get-model.ts'
import { collectLogs } from '../support/logs.ts'
import { exchange, parseAnswer } from '../support/raw-http.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

const AsText = Type.Object({ text: Type.String() })

/** Speaks of "fault" and "explanation", takes the key as a password, and lets anyone read what is public. */
const tiny: Door = {
  name: 'tiny',
  prefixes: ['/tiny', '/v1/tiny'],
  routes: [
    defineRoute({
      id: 'readName',
      method: 'GET',
      path: '/names/{id}',
      permission: 'model.read',
      tag: 'Names',
      summary: 'The name of a model',
      params: Type.Object({ id: Type.String() }),
      response: AsText,
      async handle({ registry, actor, params }) {
        return { text: (await getModel(registry, actor, params.id)).name }
      },
    }),
    defineRoute({
      id: 'showRequest',
      method: 'POST',
      path: '/requests/{id}',
      permission: 'model.create',
      tag: 'Requests',
      summary: 'What the registry is told of the request',
      params: Type.Object({ id: Type.String() }),
      body: Type.Object({ a: Type.Optional(Type.Integer()), b: Type.Optional(Type.Integer()) }),
      response: AsText,
      async handle({ actor, baseUrl }) {
        return { text: JSON.stringify({ ...actor.request, baseUrl }) }
      },
    }),
    defineRoute({
      id: 'fail',
      method: 'GET',
      path: '/failure',
      permission: 'account.read',
      tag: 'Failures',
      summary: 'Fails as the database does',
      response: AsText,
      async handle() {
        throw new RegistryError('unavailable', 'come back later')
      },
    }),
  ],
  readCredentials: readPassword,
  missingCredentials: 'the password is the key',
  allowsAnonymousReads: true,
  renderError: error => ({
    status: error instanceof RegistryError ? (STATUSES[error.code] ?? 400) : error.statusCode,
    headers: { 'x-fault': error instanceof RegistryError ? (error.subject?.kind ?? error.code) : 'http' },
    body: { fault: true, explanation: error.message },
  }),
}

const STATUSES: Partial<Record<RegistryError['code'], number>> = {
  unauthenticated: 401,
  not_found: 404,
  unavailable: 503,
}

function readPassword({ headers: { authorization } }: FastifyRequest): string | undefined {
  if (authorization === undefined) return undefined
  return Buffer.from(authorization.replace('Basic ', ''), 'base64').toString().split(':')[1] ?? ''
}

let r: TestRegistry
let server: FastifyInstance
let url: string
const logs = collectLogs()
const ids: Record<'open' | 'closed', string> = { open: '', closed: '' }

beforeAll(async () => {
  r = await startRegistry()
  const config = readConfig({})
  const options = {
    registry: r.app.registry,
    readiness: { check: () => Promise.reject(new Error('not yet')) },
    version: '0.0.0',
    ...config,
    publicUrl: 'https://models.example',
    transfers: { ...config.transfers, uploadMinBytes: 1, uploadWindowMs: 100 },
    logger: logs.logger,
  }
  ;({ server } = await createServer({ ...options, doors: [v1, tiny] }))
  url = await server.listen({ host: '127.0.0.1', port: 0 })
  for (const name of ['open', 'closed'] as const) {
    ids[name] = (await r.writer.post('/models', { name, isPublic: name === 'open' })).json().id
  }
})
afterAll(async () => {
  await server.close()
  await r.close()
})

const password = (key: string | undefined) => ({
  authorization: `Basic ${Buffer.from(`anyone:${key}`).toString('base64')}`,
})
const bearer = (key: string | undefined) => ({ authorization: `Bearer ${key}` })

describe('a door', () => {
  test('reads the key where it wants to, and v1 does not', async () => {
    const answer = await server.inject({ url: `/tiny/names/${ids.closed}`, headers: password(r.reader.key) })
    expect([answer.statusCode, answer.json()]).toEqual([200, { text: 'closed' }])
    expect((await server.inject({ url: `/v1/models/${ids.closed}`, headers: password(r.reader.key) })).statusCode).toBe(
      401,
    )
    expect((await server.inject({ url: `/tiny/names/${ids.open}`, headers: bearer(r.reader.key) })).statusCode).toBe(
      401,
    )
  })

  test('may let callers without a key read what is public, and nothing else', async () => {
    expect((await server.inject({ url: `/tiny/names/${ids.open}` })).json()).toEqual({ text: 'open' })
    const hidden = await server.inject({ url: `/tiny/names/${ids.closed}` })
    const absent = await server.inject({ url: '/tiny/names/monone0000000' })
    expect(hidden.statusCode).toBe(404)
    expect(hidden.body.replace(ids.closed, '?')).toBe(absent.body.replace('monone0000000', '?'))
    const refused = await server.inject({ method: 'POST', url: '/tiny/requests/x', payload: {} })
    expect([refused.statusCode, refused.json().explanation]).toEqual([401, 'the password is the key'])
    expect((await server.inject({ url: `/v1/models/${ids.open}` })).statusCode).toBe(401)
  })

  test.each<[string, { method?: 'DELETE'; url: string }, number]>([
    ['what is not there', { url: '/tiny/names/monone0000000' }, 404],
    ['a path without a route', { url: '/tiny/nothing' }, 404],
    ['its own root', { url: '/tiny?x=y' }, 404],
    ['a wrong method', { method: 'DELETE', url: '/tiny/names/x' }, 405],
    ['a malformed escape', { url: '/tiny/names/%ZZ' }, 400],
    ['a parameter that is too long', { url: `/tiny/names/${'x'.repeat(4097)}` }, 414],
    ['a path below another prefix of its own', { url: '/v1/tiny/nothing' }, 404],
  ])('words every error of its paths: %s', async (_what, request, status) => {
    const answer = await server.inject(request)
    expect(answer.statusCode).toBe(status)
    expect(answer.json()).toEqual({ fault: true, explanation: expect.any(String) })
    expect(answer.headers['x-fault']).toBe(status === 404 && request.url.includes('names') ? 'model' : 'http')
    if (status === 405) expect(answer.headers['allow']).toBe('GET, HEAD')
  })

  test('words broken HTTP of its paths', async () => {
    const answer = await exchange(url, 'GET /tiny/names/x HTTP/1.1\r\nhost: x\r\nx a: b\r\n\r\n')
    expect(parseAnswer(answer)).toEqual({
      status: 400,
      body: { fault: true, explanation: 'this is not a well-formed HTTP request' },
    })
    expect(answer).toContain('x-fault: http')
  })

  test('words slow bodies of its paths', async () => {
    const { authorization } = password(r.writer.key)
    const head = `POST /tiny/requests/x HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\nx-request-id: slow-1\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n`
    const answer = await exchange(url, head)
    expect(parseAnswer(answer)).toMatchObject({ status: 408, body: { fault: true } })
    expect(answer).toContain('retry-after: 1\r\n')
    expect(answer).toContain('x-request-id: slow-1\r\n')
  })

  test('that has no contract is not in the published one', async () => {
    const { paths } = (await server.inject({ url: '/openapi.json' })).json()
    expect(Object.keys(paths).filter(path => path.includes('tiny'))).toEqual([])
    expect(Object.keys(paths)).toContain('/v1/models')
  })

  test('has no say about the paths of others', async () => {
    const ofV1 = await server.inject({ url: '/v1/nothing' })
    expect(Object.keys(ofV1.json())).toEqual(['code', 'message'])
    for (const path of ['/nothing', '/tinyx', '/docs/nothing', '/names/%ZZ']) {
      const answer = await server.inject({ url: path })
      expect(answer.statusCode, path).toBeGreaterThanOrEqual(400)
      expect(Object.keys(answer.json()), path).toEqual(['message'])
    }
  })
})

test.each([
  ['/v1', 'v1'],
  ['/v1/models?x=/tiny', 'v1'],
  ['/v1#/tiny', 'v1'],
  ['/v1/tiny/x', 'tiny'],
  ['/v1/tinyx', 'v1'],
  ['http://elsewhere.example/tiny/x', 'tiny'],
  ['/v1x', undefined],
  ['//v1', undefined],
  ['/', undefined],
  ['*', undefined],
  ['', undefined],
])('the path %j belongs to %s', (path, name) => {
  expect(findDoor([v1, tiny], path)?.name).toBe(name)
})

describe('a request', () => {
  test.each(['/v1/models', '/v1/nothing', '/v1/models/%ZZ', '/nothing', '/livez', '/openapi.json', '/docs/nothing'])(
    'to %s has an id in its answer',
    async path => {
      const made = await server.inject({ url: path })
      expect(made.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
      const given = await server.inject({ url: path, headers: { 'x-request-id': 'Run-7_a.b' } })
      expect(given.headers['x-request-id']).toBe('Run-7_a.b')
    },
  )

  test.each(['', ' ', 'a b', 'a,b', 'ä', 'x'.repeat(65), '<script>'])('is not called %j', async id => {
    const answer = await server.inject({ url: '/livez', headers: { 'x-request-id': id } })
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  const show = async (headers: Record<string, string>, payload: object = {}, path = '/tiny/requests/x') => {
    const answer = await server.inject({
      method: 'POST',
      url: path,
      headers: { ...password(r.writer.key), ...headers },
      payload,
    })
    expect(answer.statusCode, answer.body).toBe(200)
    return JSON.parse(answer.json().text)
  }

  test('is made known to the registry: its id, where it came from, and the URL of the door', async () => {
    expect(await show({ 'x-request-id': 'r1' })).toEqual({
      id: 'r1',
      address: '127.0.0.1',
      baseUrl: 'https://models.example/tiny',
    })
    expect(await show({}, {}, '/v1/tiny/requests/x')).toMatchObject({ baseUrl: 'https://models.example/v1/tiny' })
  })

  test('that fails is in the log with its id', async () => {
    const answer = await server.inject({
      url: '/tiny/failure?key=secret',
      headers: { ...password(r.reader.key), 'x-request-id': 'failed-1' },
    })
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1'])
    expect(answer.headers['x-holotype-error']).toBe('unavailable')
    expect(logs.text()).toContain('"req":{"id":"failed-1","method":"GET","path":"/tiny/failure"}')
    expect(logs.text()).not.toContain('secret')
  })

  test('to a server that is not ready says when to ask again', async () => {
    const answer = await server.inject({ url: '/readyz' })
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1'])
  })

  describe('with an Idempotency-Key', () => {
    const fingerprintOf = async (payload: object, path?: string) =>
      (await show({ 'idempotency-key': 'k' }, payload, path)).idempotency.fingerprint

    test('is known by it, and by what it asks for', async () => {
      expect((await show({ 'idempotency-key': '"8e03978e 40d5"' })).idempotency).toEqual({
        key: '"8e03978e 40d5"',
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      })
      expect(await show({})).not.toHaveProperty('idempotency')
    })

    test('is the same request however its JSON is written', async () => {
      expect(await fingerprintOf({ a: 1, b: 2 })).toBe(await fingerprintOf({ b: 2, a: 1 }))
    })

    test('is another request with another body, another parameter or another route', async () => {
      const fingerprints = [
        await fingerprintOf({ a: 1 }),
        await fingerprintOf({ a: 2 }),
        await fingerprintOf({}),
        await fingerprintOf({ a: 1 }, '/tiny/requests/y'),
        await fingerprintOf({ a: 1 }, '/v1/tiny/requests/x'),
      ]
      expect(new Set(fingerprints).size).toBe(fingerprints.length)
    })

    test.each(['', 'x'.repeat(256), 'ä', 'a\tb'])('%j is refused', async key => {
      const answer = await server.inject({
        method: 'POST',
        url: '/tiny/requests/x',
        headers: { ...password(r.writer.key), 'idempotency-key': key },
        payload: {},
      })
      expect([answer.statusCode, answer.json().explanation]).toEqual([
        400,
        'Idempotency-Key must be 1 to 255 printable ASCII characters',
      ])
    })
  })
})
