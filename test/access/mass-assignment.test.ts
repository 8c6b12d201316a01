/** API3, S52: whatever is put into a body or a query besides what an operation takes, changes nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepModel, type TestRegistry } from '../support/registry.ts'
import { type S3Registry, startS3Registry } from '../support/s3-registry.ts'

let r: TestRegistry
let s3: S3Registry
beforeAll(async () => {
  s3 = await startS3Registry()
  r = s3.r
})
afterAll(() => s3[Symbol.asyncDispose]())

/** In every text that is smuggled in, so that it can be found wherever it got to. */
const MARK = 'smuggled'
const NUMBER = 4_242_424_242

/** The tables with their columns. SQLite keeps its search index in tables of its own making, which nothing else writes into. */
async function describeTables() {
  const tables = await r.app.registry.db.read.introspection.getTables()
  return tables.filter(({ name }) => !name.startsWith('models_search'))
}

/** Every column there is, as the database calls it and as the API would, with a value of its kind. */
async function everyColumn(): Promise<Record<string, unknown>> {
  const tables = await describeTables()
  const columns = new Map(tables.flatMap(table => table.columns.map(({ name, dataType }) => [name, dataType])))
  expect(columns.size).toBeGreaterThan(40)
  const smuggled: Record<string, unknown> = {}
  for (const [column, type] of columns) {
    const value = /int/i.test(type) ? NUMBER : `${MARK}-${column}`
    const camel = column.replaceAll(/_(\w)/g, (_all, letter) => letter.toUpperCase())
    for (const name of [column, camel]) smuggled[name] = value
  }
  return {
    ...smuggled,
    isInstanceAdmin: true,
    dtCreated: '2001-01-01T00:00:00.000Z',
    dtModified: '2001-01-01T00:00:00.000Z',
    constructorName: MARK,
  }
}

/** All rows of all tables, as text. */
async function dump(): Promise<string> {
  const { db } = r.app.registry
  const tables = await describeTables()
  const rows = await Promise.all(
    tables.map(({ name }) =>
      db.read
        .selectFrom(name as 'models')
        .selectAll()
        .execute(),
    ),
  )
  return JSON.stringify(rows)
}

test('every known column in every body reaches neither an answer nor a row', async () => {
  const smuggled = await everyColumn()
  const { id } = await keepModel(r.writer)
  const project = (await r.writer.post('/projects', { name: 'p' })).json()
  const session = (await r.admin.get('/auth/session')).json()
  const made = { userId: session.user.id, teamId: session.team.id, isInstanceAdmin: false }
  const bucket = s3.provider({ isTeamDefault: false })
  const provider = (await r.admin.post('/storage-providers', bucket)).json()
  const path = `/models/${id}`
  await r.writer.post(`${path}/versions`)
  const uploads = `${path}/versions/2/uploads`
  const empty = (await r.writer.post(uploads, { path: 'empty', size: 0 })).json()
  const { items } = (await r.writer.post(`${uploads}/${empty.id}/parts`, { numbers: [1] })).json()
  const { pathname, search } = new URL(items[0].url, 'http://localhost')
  await r.nobody.put(pathname.replace('/v1', '') + search, '')
  const calls: Array<['POST' | 'PUT', string, Record<string, unknown>]> = [
    [
      'POST',
      '/models',
      { name: 'm', isPublic: false, description: null, projectId: project.id, storageProviderId: undefined },
    ],
    ['PUT', path, { name: 'm', description: 'd', isPublic: false }],
    ['POST', `${path}/versions`, { message: 'm', metadata: null, tags: 't' }],
    ['POST', `${uploads}`, { path: 'p', size: 1, sha256: null, contentType: 'text/plain' }],
    ['POST', `${uploads}/${empty.id}/parts`, { numbers: [1], sha256s: undefined }],
    ['POST', `${uploads}/${empty.id}/complete`, { parts: [] }],
    ['PUT', `${path}/versions/1`, { message: 'm', metadata: null, tags: 't', isCommitted: true }],
    ['PUT', `${path}/aliases/prod`, { version: '1' }],
    ['POST', '/projects', { name: 'p' }],
    ['PUT', `/projects/${project.id}`, { name: 'p' }],
    ['POST', `/projects/${project.id}/models/${id}`, {}],
    ['POST', '/api-keys', { ...made, name: 'k', role: 'reader', dtExpires: null }],
    ['POST', '/storage-providers', { ...bucket, s3Config: { ...smuggled, ...bucket.s3Config } }],
    [
      'PUT',
      `/storage-providers/${provider.id}`,
      { name: 'b', isTeamDefault: false, s3Config: { ...smuggled, ...bucket.s3Config } },
    ],
    ['POST', '/users', { name: 'u', email: null }],
    ['POST', '/teams', { namespace: 'a-team' }],
  ]
  const before = Date.now() - 3_600_000
  for (const [method, url, body] of calls) {
    const answer = await r.admin.call(method, url, { ...smuggled, ...body })
    expect(answer.statusCode, `${method} ${url} ${answer.body}`).toBe(200)
    expect(answer.body, url).not.toContain(MARK)
    expect(answer.body, url).not.toContain(String(NUMBER))
    const { dtCreated } = answer.json()
    if (!/parts$|storage-providers/.test(url)) expect(Date.parse(dtCreated), url).toBeGreaterThan(before)
  }
  const rows = await dump()
  expect(rows).not.toContain(MARK)
  expect(rows).not.toContain(String(NUMBER))
})

test('the table above has every operation that takes a JSON body', async () => {
  const { paths } = r.app.server.swagger() as {
    paths: Record<string, Record<string, { requestBody?: { content: object } }>>
  }
  const taking = Object.entries(paths).flatMap(([url, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.requestBody && 'application/json' in operation.requestBody.content)
      .map(([method]) => `${method} ${url}`),
  )
  expect(taking.toSorted()).toEqual([
    'post /v1/api-keys',
    'post /v1/models',
    'post /v1/models/{id}/versions',
    'post /v1/models/{id}/versions/{version}/uploads',
    'post /v1/models/{id}/versions/{version}/uploads/{upload}/complete',
    'post /v1/models/{id}/versions/{version}/uploads/{upload}/parts',
    'post /v1/projects',
    'post /v1/storage-providers',
    'post /v1/teams',
    'post /v1/users',
    'put /v1/models/{id}',
    'put /v1/models/{id}/aliases/{alias}',
    'put /v1/models/{id}/versions/{version}',
    'put /v1/projects/{id}',
    'put /v1/storage-providers/{id}',
  ])
})

test('a model cannot be moved to another team, another id or another time', async () => {
  const { id } = (await r.writer.post('/models', { name: 'm' })).json()
  const before = (await r.writer.get(`/models/${id}`)).json()
  const theirs = (await r.stranger.get('/auth/session')).json().team.id
  const change = {
    teamId: theirs,
    team_id: theirs,
    id: 'mo0000000000000',
    dtCreated: '2001-01-01T00:00:00Z',
    projectId: null,
  }
  const after = (await r.writer.put(`/models/${id}`, change)).json()
  expect({ ...after, dtModified: before.dtModified }).toEqual(before)
  expect((await r.stranger.get(`/models/${id}`)).statusCode).toBe(404)
})

test('a filter for another team shows nothing of it', async () => {
  const theirs = (await r.stranger.post('/models', { name: 'theirs' })).json()
  for (const query of [`teamId=${theirs.teamId}`, `team_id=${theirs.teamId}`, `id=${theirs.id}`, 'deleted_at=1']) {
    const ids = (await r.reader.get(`/models?${query}`)).json().items.map((model: { id: string }) => model.id)
    expect(ids, query).not.toContain(theirs.id)
  }
})

test('a body that names another role or user than the key has does not raise it', async () => {
  const answer = await r.reader.post('/models', { name: 'm', role: 'admin', apiKeyId: r.admin.key, userId: 'us0' })
  expect(answer.statusCode).toBe(403)
})
