/**
 * Every route of v1 with every kind of key (API1, API2, API5; S44). What is expected follows from the permission that the route declares
 * and from the table of permissions, so a new route is in here from its first day.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Grade, PERMISSIONS, type Permission } from '../../src/domain/permissions.ts'
import { v1 } from '../../src/http/v1/door.ts'
import { movableClock } from '../support/clock.ts'
import { makeExpiredKey, makeKey, makeRevokedKey } from '../support/people.ts'
import { type Caller, keepModel, type TestRegistry } from '../support/registry.ts'
import { type S3Registry, startS3Registry } from '../support/s3-registry.ts'

const clock = movableClock()
let r: TestRegistry
let s3: S3Registry
beforeAll(async () => {
  s3 = await startS3Registry({}, { clock })
  r = s3.r
})
afterAll(() => s3[Symbol.asyncDispose]())

interface RouteCase {
  method: string
  /** Below `/v1`, as in OpenAPI. */
  path: string
  permission: Permission
}

/** GET answers HEAD too, where no route does. */
const ROUTES: RouteCase[] = v1.routes.flatMap(({ method, path, permission }) => {
  const isPlainGet = method === 'GET' && !path.endsWith('+}')
  const methods = isPlainGet ? ['GET', 'HEAD'] : [String(method)]
  return methods.map(method => ({ method, path, permission }))
})

/** The grades that each good key satisfies. */
const GOOD: Record<string, { grades: Grade[]; caller(): Promise<Caller> }> = {
  reader: { grades: ['anyone', 'public', 'reader'], caller: async () => r.reader },
  writer: { grades: ['anyone', 'public', 'reader', 'writer'], caller: async () => r.writer },
  admin: {
    grades: ['anyone', 'public', 'reader', 'writer', 'admin'],
    caller: async () => r.as((await makeKey(r, 'admin')).key),
  },
  'the first admin': {
    grades: ['anyone', 'public', 'reader', 'writer', 'admin', 'instance-admin'],
    caller: async () => r.admin,
  },
}

/** Keys that open nothing. */
const BAD: Record<string, () => Promise<string>> = {
  malformed: async () => 'nonsense',
  unknown: async () => `ht_ak0123456789abc_${'a'.repeat(40)}`,
  'with a wrong secret': async () => String(r.reader.key).replace(/.$/, last => (last === 'a' ? 'b' : 'a')),
  expired: async () => (await makeExpiredKey(r, clock, 'admin')).key,
  revoked: async () => (await makeRevokedKey(r, 'admin')).key,
}

/** Something of the first team for a route: its path and a body that the route accepts. */
interface Target {
  path: string
  body?: unknown
}

async function makeTarget({ method, path }: RouteCase): Promise<Target> {
  const values: Record<string, string> = { version: versionFor(method, path), alias: 'prod', path: 'w' }
  if (path.startsWith('/models/{id}')) values['id'] = await makeModel()
  if (path.startsWith('/projects/{id}')) values['id'] = (await r.writer.post('/projects', { name: 'p' })).json().id
  if (path.startsWith('/storage-providers/{id}')) {
    values['id'] = (await r.admin.post('/storage-providers', s3.provider())).json().id
  }
  if (path.startsWith('/api-keys/{id}')) values['id'] = (await makeKey(r, 'reader')).id
  if (path.startsWith('/users/{id}')) values['id'] = (await r.admin.post('/users', { name: 'u' })).json().id
  if (path.includes('{modelId}')) {
    values['modelId'] = (await r.writer.post('/models', { name: 'm', projectId: values['id'] })).json().id
  }
  if (path.includes('{upload}')) {
    const upload = await makeUpload(values['id'] ?? (await makeModel()))
    if (path.startsWith('/uploads/')) return { path: upload.partPath, body: UPLOADED }
    values['upload'] = upload.id
  }
  const filled = path.replaceAll(/\{(\w+)\+?\}/g, (_all, name) => {
    const value = values[name]
    if (value === undefined) throw new Error(`there is no ${name} for ${path}`)
    return value
  })
  return { path: filled, ...bodyOf(`${method} ${path}`) }
}

/** Version 2 is a draft that no alias points at: it can be changed and deleted. */
function versionFor(method: string, path: string): string {
  return path.includes('{version}') && (/^(PUT|DELETE)$/.test(method) || path.includes('/uploads')) ? '2' : '1'
}

const UPLOADED = 'bytes'

/** An upload in parts into version 2, whose only part has been sent, and the URL of that part, which needs no key. */
async function makeUpload(modelId: string): Promise<{ id: string; partPath: string }> {
  const uploads = `/models/${modelId}/versions/2/uploads`
  const { id } = (await r.writer.post(uploads, { path: 'u', size: UPLOADED.length })).json()
  const { items } = (await r.writer.post(`${uploads}/${id}/parts`, { numbers: [1] })).json()
  const { pathname, search } = new URL(items[0].url, 'http://localhost')
  const partPath = pathname.replace('/v1', '') + search
  expect((await r.nobody.put(partPath, UPLOADED)).statusCode).toBe(200)
  return { id, partPath }
}

async function makeModel(): Promise<string> {
  const { id } = await keepModel(r.writer, { w: 'w' })
  await r.writer.put(`/models/${id}/aliases/prod`, { version: '1' })
  await r.writer.post(`/models/${id}/versions`)
  await r.writer.put(`/models/${id}/versions/2/files/w`, 'w')
  return id
}

let count = 0
function bodyOf(route: string): { body?: unknown } {
  const bodies: Record<string, unknown> = {
    'POST /models': { name: 'm' },
    'PUT /models/{id}': { name: 'changed' },
    'PUT /models/{id}/versions/{version}': { message: 'changed' },
    'PUT /models/{id}/versions/{version}/files/{path+}': 'changed',
    'PUT /models/{id}/aliases/{alias}': { version: '1' },
    'POST /models/{id}/versions/{version}/uploads': { path: 'u', size: 1 },
    'POST /models/{id}/versions/{version}/uploads/{upload}/parts': { numbers: [1] },
    'POST /projects': { name: 'p' },
    'PUT /projects/{id}': { name: 'changed' },
    'POST /storage-providers': s3.provider(),
    'PUT /storage-providers/{id}': { name: 'changed' },
    'POST /api-keys': { name: 'k', role: 'reader' },
    'POST /users': { name: 'u' },
    'POST /teams': { namespace: `team-${++count}` },
  }
  return route in bodies ? { body: bodies[route] } : {}
}

type Method = Parameters<Caller['call']>[0]

const countEvents = async () =>
  (
    await r.app.registry.db.read
      .selectFrom('events')
      .select(({ fn }) => fn.countAll().as('count'))
      .executeTakeFirst()
  )?.count

/** What `caller` gets from the route, with a target of its own. A refusal must change nothing. */
async function expectStatus(route: RouteCase, caller: Caller, expected: number, who: string) {
  const { path, body } = await makeTarget(route)
  const before = await countEvents()
  const answer = await caller.call(route.method as Method, path, body)
  expect(answer.statusCode, `as ${who}: ${answer.body}`).toBe(expected)
  if (expected >= 400) expect(await countEvents(), `as ${who}`).toBe(before)
  return answer
}

test.for(ROUTES)(
  '$method $path takes the keys that have the permission $permission, and no others',
  { timeout: 30_000 },
  async route => {
    const grade: Grade = PERMISSIONS[route.permission]
    const namesThing = route.path.includes('{')
    for (const [who, { grades, caller }] of Object.entries(GOOD)) {
      await expectStatus(route, await caller(), grades.includes(grade) ? 200 : 403, who)
    }
    for (const [what, key] of Object.entries(BAD)) {
      const answer = await expectStatus(route, r.as(await key()), 401, `a key that is ${what}`)
      expect(answer.headers['www-authenticate'], what).toBe('Bearer')
    }
    const without = await expectStatus(route, r.nobody, grade === 'anyone' ? 200 : 401, 'nobody')
    expect(without.headers['www-authenticate']).toBe(grade === 'anyone' ? undefined : 'Bearer')
    // Another team's thing is never "forbidden": that would say that it is there.
    const expected = grade === 'anyone' ? 200 : namesThing ? 404 : grade === 'instance-admin' ? 403 : 200
    await expectStatus(route, r.stranger, expected, 'the admin of another team')
  },
)

test('only the session, signed URLs, health, the contract and its pages need no key', async () => {
  const open = r.app.routes.filter(({ permission }) => permission === 'none' || PERMISSIONS[permission] === 'anyone')
  const answers: string[] = []
  for (const { method, url } of open) {
    const path = url.replaceAll(/:\w+|\*/g, 'x')
    const answer = await r.app.server.inject({ method: method as 'GET', url: path })
    if (answer.statusCode !== 405) answers.push(url)
  }
  expect(new Set(answers.filter(url => !url.startsWith('/docs')))).toEqual(
    new Set(['/livez', '/readyz', '/openapi.json', '/v1/auth/session', '/v1/uploads/:upload/parts/:number']),
  )
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
