/**
 * Every route, as the server itself lists them, with every kind of key (API1, API2, API5; S44). What is expected follows from the access
 * that the route declares and from nothing else, so a new route is in here from its first day.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeExpiredKey, makeKey, makeRevokedKey } from '../support/people.ts'
import { type Caller, keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
/** Each with the rank of its role, or the status that every use of it has. */
const people: Record<string, { caller: Caller; rank: number } | { caller: Caller; status: 401 }> = {}
const RANKS: Record<string, number> = { anyone: 0, reader: 1, writer: 2, admin: 3, 'instance-admin': 4 }

beforeAll(async () => {
  r = await startRegistry()
  const good = String(r.reader.key)
  people['reader'] = { caller: r.reader, rank: 1 }
  people['writer'] = { caller: r.writer, rank: 2 }
  people['admin'] = { caller: r.as((await makeKey(r, 'admin')).key), rank: 3 }
  people['the first admin'] = { caller: r.admin, rank: 4 }
  people['a malformed key'] = { caller: r.as('nonsense'), status: 401 }
  people['an unknown key'] = { caller: r.as(`ht_ak0123456789abc_${'a'.repeat(40)}`), status: 401 }
  people['a wrong secret'] = { caller: r.as(good.slice(0, -1) + (good.endsWith('a') ? 'b' : 'a')), status: 401 }
  people['an expired key'] = { caller: r.as((await makeExpiredKey(r, 'admin')).key), status: 401 }
  people['a revoked key'] = { caller: r.as((await makeRevokedKey(r, 'admin')).key), status: 401 }
})
afterAll(() => r.close())

/** Something of the first team for each route: its path and a body that the operation takes. */
interface Target {
  path: string
  body?: unknown
}

let count = 0
async function aim(method: string, url: string): Promise<Target> {
  const route = `${method} ${url.replace('/v1', '')}`
  const { id } = url.includes('/models/:id') ? await makeVersions() : { id: '' }
  const fill = (values: Record<string, string>) =>
    url.replace('/v1', '').replaceAll(/:(\w+)|\*/g, (_all, name = '*') => values[name] ?? id)
  const project = url.includes('/projects/:id') ? (await r.writer.post('/projects', { name: 'p' })).json().id : ''
  if (url.includes('/projects/:id/models/:modelId')) {
    const { id: modelId } = (await r.writer.post('/models', { name: 'm', projectId: project })).json()
    return { path: fill({ id: project, modelId }) }
  }
  if (project !== '') return { path: fill({ id: project }), ...bodyOf(route) }
  if (url.includes('/storage-providers/:id')) {
    return { path: fill({ id: (await r.reader.get('/storage-providers')).json().items[0].id }) }
  }
  if (url.includes('/api-keys/:id')) return { path: fill({ id: (await makeKey(r, 'reader')).id }) }
  if (url.includes('/users/:id')) {
    return { path: fill({ id: (await r.admin.post('/users', { name: 'u' })).json().id }) }
  }
  // Version 2 is a draft that no alias points at: it can be changed and deleted.
  const version = /^(PUT|DELETE) .*:version/.test(route) ? '2' : '1'
  return { path: fill({ version, alias: 'prod', '*': 'w' }), ...bodyOf(route) }
}

async function makeVersions(): Promise<{ id: string }> {
  const model = await keepModel(r.writer, { w: 'w' })
  await r.writer.put(`/models/${model.id}/aliases/prod`, { version: '1' })
  await r.writer.post(`/models/${model.id}/versions`)
  await r.writer.put(`/models/${model.id}/versions/2/files/w`, 'w')
  return model
}

function bodyOf(route: string): { body?: unknown } {
  const bodies: Record<string, unknown> = {
    'POST /models': { name: 'm' },
    'PUT /models/:id': { name: 'changed' },
    'PUT /models/:id/versions/:version': { message: 'changed' },
    'PUT /models/:id/versions/:version/files/*': 'changed',
    'PUT /models/:id/aliases/:alias': { version: '1' },
    'POST /projects': { name: 'p' },
    'PUT /projects/:id': { name: 'changed' },
    'POST /api-keys': { name: 'k', role: 'reader' },
    'POST /users': { name: 'u' },
    'POST /teams': { namespace: `team-${++count}` },
  }
  return route in bodies ? { body: bodies[route] } : {}
}

type Method = Parameters<Caller['call']>[0]

/** All routes of the API but those that only refuse a wrong method. */
function operations() {
  const isSession = (method: string, url: string) => url === '/v1/auth/session' && /^(GET|HEAD)$/.test(method)
  return r.app.routes.filter(
    ({ method, url, access }) => url.startsWith('/v1/') && (access !== 'anyone' || isSession(method, url)),
  )
}

const countEvents = async () =>
  (
    await r.app.registry.db.read
      .selectFrom('events')
      .select(({ fn }) => fn.countAll().as('count'))
      .executeTakeFirst()
  )?.count

describe('every route, with every kind of key', () => {
  test('is let through by the access it declares, and by nothing else', async () => {
    const routes = operations().filter(({ access }) => access !== 'anyone')
    expect(routes.length).toBeGreaterThan(50)
    for (const { method, url, access } of routes) {
      const shared = await aim(method, url)
      for (const [name, person] of Object.entries(people)) {
        const isAllowed = 'rank' in person && person.rank >= (RANKS[access] ?? 9)
        const expected = isAllowed ? 200 : 'status' in person ? 401 : 403
        // Who is let through may change it: the next one gets a target of its own.
        const { path, body } = isAllowed && method !== 'GET' && method !== 'HEAD' ? await aim(method, url) : shared
        const before = isAllowed ? undefined : await countEvents()
        const answer = await person.caller.call(method as Method, path, body)
        expect(answer.statusCode, `${method} ${url} as ${name}: ${answer.body}`).toBe(expected)
        if (!isAllowed) expect(await countEvents(), `${method} ${url} as ${name} changed something`).toBe(before)
      }
    }
  }, 120_000)

  test('is 401 without a key, with a challenge', async () => {
    for (const { method, url, access } of operations()) {
      const { path, body } = await aim(method, url)
      const answer = await r.nobody.call(method as Method, path, body)
      expect(answer.statusCode, `${method} ${url}`).toBe(access === 'anyone' ? 200 : 401)
      if (access !== 'anyone') expect(answer.headers['www-authenticate'], `${method} ${url}`).toBe('Bearer')
    }
  })

  test('is 404 for another team’s admin wherever it names a thing, never 403', async () => {
    for (const { method, url, access } of operations()) {
      const { path, body } = await aim(method, url)
      const before = await countEvents()
      const answer = await r.stranger.call(method as Method, path, body)
      const namesThing = /:|\*/.test(url)
      const expected = namesThing ? 404 : access === 'instance-admin' ? 403 : 200
      expect(answer.statusCode, `${method} ${url}: ${answer.body}`).toBe(expected)
      if (namesThing) expect(await countEvents(), `${method} ${url}`).toBe(before)
    }
  })

  test('needs no key only where that is meant: the session, health, metrics, the contract and its pages', async () => {
    const open = r.app.routes.filter(({ access }) => access === 'anyone')
    const answers: string[] = []
    for (const { method, url } of open) {
      const path = url.replaceAll(/:\w+|\*/g, 'x')
      const answer = await r.app.server.inject({ method: method as 'GET', url: path })
      if (answer.statusCode !== 405) answers.push(url)
    }
    expect(new Set(answers.filter(url => !url.startsWith('/docs')))).toEqual(
      new Set(['/livez', '/readyz', '/metrics', '/openapi.json', '/v1/auth/session']),
    )
  })
})

describe('the header', () => {
  test.each(['bearer', 'BEARER', 'Bearer  '])('may be spelled %s', async scheme => {
    const headers = { authorization: `${scheme} ${r.reader.key}` }
    expect((await r.nobody.get('/models', headers)).statusCode).toBe(200)
  })

  test.each<[string, (key: string) => string]>([
    ['nothing', () => ''],
    ['the scheme alone', () => 'Bearer'],
    ['the key alone', key => key],
    ['Basic', key => `Basic ${Buffer.from(`x:${key}`).toString('base64')}`],
    ['two keys', key => `Bearer ${key} ${key}`],
    ['a key in quotes', key => `Bearer "${key}"`],
    ['a key with something behind it', key => `Bearer ${key},`],
  ])('with %s is 401', async (_what, header) => {
    const answer = await r.nobody.get('/models', { authorization: header(String(r.reader.key)) })
    expect(answer.statusCode).toBe(401)
  })

  // S42, S47: no other way in, and no way around the method.
  test.each<[string, Record<string, string>]>([
    ['x-api-key', { 'x-api-key': 'KEY' }],
    ['a cookie', { cookie: 'key=KEY' }],
    ['proxy-authorization', { 'proxy-authorization': 'Bearer KEY' }],
  ])('a key in %s opens nothing', async (_what, headers) => {
    const withKey = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('KEY', String(r.reader.key))]),
    )
    expect((await r.nobody.get('/models', withKey)).statusCode).toBe(401)
  })

  test('a method cannot be put into a header', async () => {
    const { id } = (await r.writer.post('/models', { name: 'm' })).json()
    await r.reader.post(`/models/${id}`, undefined, { 'x-http-method-override': 'DELETE' })
    await r.writer.get(`/models/${id}`, { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' })
    expect((await r.reader.get(`/models/${id}`)).statusCode).toBe(200)
  })

  // S35: a page from elsewhere gets no leave to read anything.
  test.each(['null', 'https://evil.example', 'http://127.0.0.1:8080'])('Origin %s is given no rights', async origin => {
    const preflight = {
      origin,
      'access-control-request-method': 'DELETE',
      'access-control-request-headers': 'authorization',
    }
    for (const answer of [
      await r.reader.get('/models', { origin }),
      await r.nobody.call('OPTIONS', '/models', undefined, preflight),
      await r.nobody.get('/models', { origin }),
    ]) {
      expect(Object.keys(answer.headers).filter(name => name.startsWith('access-control'))).toEqual([])
      expect(answer.headers).not.toHaveProperty('set-cookie')
    }
  })
})
