/** The published contract is what the server does: it is made from the routes, and the answers keep to it. */

import { readFile } from 'node:fs/promises'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderContract } from '../scripts/write-openapi.ts'
import { type Grade, PERMISSIONS } from '../src/domain/permissions.ts'
import { finishJobs } from './support/jobs.ts'
import { type Caller, keepModel, type TestRegistry } from './support/registry.ts'
import { type S3Registry, startS3Registry } from './support/s3-registry.ts'

interface OperationObject {
  operationId: string
  security: object[]
  'x-access'?: string
  parameters?: Array<{ in: string; name: string }>
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { content?: Record<string, { schema: object }> }>
}

let r: TestRegistry
let s3: S3Registry
let document: {
  paths: Record<string, Record<string, OperationObject>>
  components: { schemas: Record<string, object> }
}
beforeAll(async () => {
  s3 = await startS3Registry()
  r = s3.r
  document = JSON.parse(await readFile(new URL('../docs/openapi.json', import.meta.url), 'utf8'))
})
afterAll(() => s3[Symbol.asyncDispose]())

test('docs/openapi.json and the client’s types are what `npm run openapi` makes of the routes', async () => {
  const { document: rendered, types } = await renderContract()
  const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')
  expect(rendered, 'run `npm run openapi`').toBe(await read('../docs/openapi.json'))
  expect(types, 'run `npm run openapi`').toBe(await read('../src/client/schema.ts'))
})

test('the server publishes the same document', async () => {
  const answer = await r.app.server.inject({ url: '/openapi.json' })
  expect(answer.json()).toEqual(document)
})

// API9
test('every route under /v1 is in the document with its access, and nothing else is', () => {
  const served = r.app.routes
    .filter(({ method, url }) => url.startsWith('/v1/') && method !== 'HEAD')
    .flatMap(({ method, url, permission }) =>
      permission === 'none'
        ? []
        : `${method} ${url.replace('*', '{path}').replaceAll(/:(\w+)/g, '{$1}')} ${accessOf(PERMISSIONS[permission])}`,
    )
  const published = Object.entries(document.paths).flatMap(([url, methods]) =>
    Object.entries(methods)
      .filter(([method]) => method !== 'head')
      .map(([method, operation]) => `${method.toUpperCase()} ${url} ${operation['x-access'] ?? 'anyone'}`),
  )
  expect(published.toSorted()).toEqual(served.toSorted())
})

/** A key that may read can read what is public. */
function accessOf(grade: Grade): string {
  return grade === 'public' ? 'reader' : grade
}

test('every POST says that it can be repeated under a key, and nothing else does', () => {
  for (const methods of Object.values(document.paths)) {
    for (const [method, { operationId, parameters = [] }] of Object.entries(methods)) {
      const headers = parameters.filter(parameter => parameter.in === 'header').map(({ name }) => name)
      expect(headers, operationId).toEqual(method === 'post' ? ['Idempotency-Key'] : [])
    }
  }
})

test('every schema with a name is used, and every reference leads somewhere', () => {
  const text = JSON.stringify(document)
  const used = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(match => match[1]))
  expect([...used].toSorted()).toEqual(Object.keys(document.components.schemas).toSorted())
})

describe('a tour through all operations', () => {
  const toured = new Set<string>()
  const bodies: unknown[] = []
  let ajv: Ajv2020

  /** Calls an operation, and checks its answer against the document: every field declared, every required one there. */
  async function call(id: string, caller: Caller, method: Parameters<Caller['call']>[0], path: string, body?: unknown) {
    const [url, methods] = findPath(id)
    const operation = methods[method.toLowerCase()]
    expect(operation?.operationId, `${method} ${url}`).toBe(id)
    const answer = await caller.call(method, path, body)
    const described = operation?.responses[answer.statusCode] ?? operation?.responses['default']
    const schema = described?.content?.['application/json']?.schema
    if (schema) {
      const value = answer.json()
      const validate = compile(schema)
      expect(validate(value), `${id}: ${explain(validate)} in ${answer.body}`).toBe(true)
      bodies.push(value)
    }
    expect(answer.headers['content-type'] ?? '', id).toMatch(schema ? /^application\/json/ : /./)
    if (answer.statusCode < 400) toured.add(id)
    return answer
  }

  function findPath(id: string): [string, Record<string, OperationObject>] {
    const found = Object.entries(document.paths).find(([, methods]) =>
      Object.values(methods).some(operation => operation.operationId === id),
    )
    if (!found) throw new Error(`the document has no operation ${id}`)
    return found
  }

  const explain = (validate: ValidateFunction) => JSON.stringify(validate.errors)

  beforeAll(() => {
    ajv = new Ajv2020({ strict: false, allErrors: true })
    ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    ajv.addFormat('binary', true)
    // No field that isn't declared either.
    ajv.addSchema({ components: close(document.components) }, 'contract')
    expect(compile({ $ref: '#/components/schemas/Model' })({ name: 'm' }), 'the check itself works').toBe(false)
  })

  /** References lead into the document, wherever the schema stands. */
  function compile(schema: object): ValidateFunction {
    return ajv.compile(JSON.parse(JSON.stringify(close(schema)).replaceAll('"#/components/', '"contract#/components/')))
  }

  /** Objects without free fields refuse what they don't declare. */
  function close(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(close)
    if (typeof value !== 'object' || value === null) return value
    const closed = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, close(item)]))
    const isObject = [closed['type']].flat().includes('object') && 'properties' in closed
    return isObject && closed['additionalProperties'] === undefined
      ? { ...closed, additionalProperties: false }
      : closed
  }

  test('every answer, good or bad, keeps to the document', async () => {
    const { id } = await keepModel(r.writer, { 'w.bin': 'weights' })
    const model = `/models/${id}`
    await call('createModel', r.writer, 'POST', '/models', { name: 'm', description: 'd' })
    await call('listModels', r.reader, 'GET', '/models?limit=1')
    await call('getModel', r.reader, 'GET', model)
    await call('updateModel', r.writer, 'PUT', model, { description: 'changed' })
    await call('createVersion', r.writer, 'POST', `${model}/versions`, {
      metadata: { a: [1] },
      tags: 'a',
      message: 'm',
    })
    await call('putFile', r.writer, 'PUT', `${model}/versions/2/files/a`, 'abc')
    await call('listFiles', r.reader, 'GET', `${model}/versions/2/files?limit=1`)
    await call('deleteFile', r.writer, 'DELETE', `${model}/versions/2/files/a`)
    await tourUploads(`${model}/versions/2/uploads`)
    await call('updateVersion', r.writer, 'PUT', `${model}/versions/2`, { isCommitted: true })
    await call('listVersions', r.reader, 'GET', `${model}/versions?limit=1`)
    await call('getVersion', r.reader, 'GET', `${model}/versions/latest`)
    await call('getFile', r.reader, 'GET', `${model}/versions/1/files/w.bin`)
    await call('downloadArchive', r.reader, 'GET', `${model}/versions/1/archive`)
    await call('setAlias', r.writer, 'PUT', `${model}/aliases/prod`, { version: 1 })
    await call('getAlias', r.reader, 'GET', `${model}/aliases/latest`)
    await call('listAliases', r.reader, 'GET', `${model}/aliases`)
    await call('deleteAlias', r.writer, 'DELETE', `${model}/aliases/prod`)
    await call('listModelEvents', r.reader, 'GET', `${model}/events`)
    await call('listTeamEvents', r.reader, 'GET', '/events?limit=1')
    await call('deleteVersion', r.writer, 'DELETE', `${model}/versions/2`)
    await tourNeighbours(id)
    await call('deleteModel', r.writer, 'DELETE', model)
    await tourErrors(id)
    const all = Object.values(document.paths).flatMap(methods =>
      Object.entries(methods)
        .filter(([method]) => method !== 'head')
        .map(([, operation]) => operation.operationId),
    )
    expect([...toured].toSorted()).toEqual(all.toSorted())
  })

  async function tourUploads(uploads: string): Promise<void> {
    const begin = { path: 'parted', size: 5, sha256: null, contentType: 'text/plain' }
    const { id } = (await call('createUpload', r.writer, 'POST', uploads, begin)).json()
    await call('listUploads', r.writer, 'GET', `${uploads}?limit=1`)
    const { items } = (await call('offerParts', r.writer, 'POST', `${uploads}/${id}/parts`, { numbers: [1] })).json()
    const { pathname, search } = new URL(items[0].url, 'http://localhost')
    await call('receivePart', r.nobody, 'PUT', pathname.replace('/v1', '') + search, 'bytes')
    await call('listParts', r.writer, 'GET', `${uploads}/${id}/parts?limit=1`)
    await call('completeUpload', r.writer, 'POST', `${uploads}/${id}/complete`, { parts: [{ number: 1, etag: '"x"' }] })
    await call('getUpload', r.writer, 'GET', `${uploads}/${id}`)
    await finishJobs(r.app)
    const other = (await r.writer.post(uploads, { ...begin, path: 'given up' })).json()
    await call('deleteUpload', r.writer, 'DELETE', `${uploads}/${other.id}`)
  }

  async function tourNeighbours(id: string): Promise<void> {
    const project = (await call('createProject', r.writer, 'POST', '/projects', { name: 'p' })).json()
    const path = `/projects/${project.id}`
    await call('listProjects', r.reader, 'GET', '/projects')
    await call('getProject', r.reader, 'GET', path)
    await call('updateProject', r.writer, 'PUT', path, { name: 'q' })
    await call('addProjectModel', r.writer, 'POST', `${path}/models/${id}`)
    await call('listProjectModels', r.reader, 'GET', `${path}/models`)
    await call('removeProjectModel', r.writer, 'DELETE', `${path}/models/${id}`)
    await call('deleteProject', r.writer, 'DELETE', path)
    const providers = (await call('listStorageProviders', r.reader, 'GET', '/storage-providers')).json()
    await call('getStorageProvider', r.reader, 'GET', `/storage-providers/${providers.items[0].id}`)
    const bucket = (await call('createStorageProvider', r.admin, 'POST', '/storage-providers', s3.provider())).json()
    await call('updateStorageProvider', r.admin, 'PUT', `/storage-providers/${bucket.id}`, { name: 'changed' })
    await call('deleteStorageProvider', r.admin, 'DELETE', `/storage-providers/${bucket.id}`)
    await call('getStorageUtilization', r.reader, 'GET', '/storage-providers/utilization')
    await call('getSession', r.reader, 'GET', '/auth/session')
    await call('getSession', r.nobody, 'GET', '/auth/session')
    await call('getAccountStanding', r.reader, 'GET', '/billing/account-standing')
    const key = (await call('createApiKey', r.admin, 'POST', '/api-keys', { name: 'k', role: 'reader' })).json()
    await r.as(key.key).get('/models')
    await call('listApiKeys', r.admin, 'GET', '/api-keys')
    await call('revokeApiKey', r.admin, 'DELETE', `/api-keys/${key.id}`)
    const user = (await call('createUser', r.admin, 'POST', '/users', { name: 'u', email: 'u@example.com' })).json()
    await call('listUsers', r.admin, 'GET', '/users')
    await call('deleteUser', r.admin, 'DELETE', `/users/${user.id}`)
    await call('createTeam', r.admin, 'POST', '/teams', { namespace: 'toured' })
    await call('listTeams', r.admin, 'GET', '/teams')
  }

  async function tourErrors(id: string): Promise<void> {
    await call('getModel', r.reader, 'GET', `/models/${id}`)
    await call('createModel', r.writer, 'POST', '/models', { name: 5 })
    await call('createModel', r.reader, 'POST', '/models', { name: 'm' })
    await call('listModels', r.nobody, 'GET', '/models')
  }

  // The official Paperspace client (1.x) takes such a success for an error.
  test('no success has both code and message and three keys or fewer', () => {
    expect(bodies.length).toBeGreaterThan(40)
    const objects = bodies.filter(body => typeof body === 'object' && body !== null && !('details' in body))
    const lookLikeErrors = objects.filter(body => 'code' in Object(body) && 'message' in Object(body))
    expect(lookLikeErrors.map(body => Object(body).code)).toEqual(['NOT_FOUND', 'FORBIDDEN', 'UNAUTHORIZED'])
  })
})
