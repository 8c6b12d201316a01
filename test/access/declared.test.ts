/** A route that doesn't declare its permission keeps the server from starting. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { PERMISSIONS } from '../../src/domain/permissions.ts'
import { contents } from '../../src/http/route.ts'
import { createServer, type ServerOptions } from '../../src/http/server.ts'
import { v1 } from '../../src/http/v1/door.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

function optionsOf({ app }: TestRegistry, doors: ServerOptions['doors']): ServerOptions {
  return {
    registry: app.registry,
    doors,
    readiness: { check: async () => {} },
    version: '0.0.0',
    ...readConfig({}),
    publicUrl: undefined,
    logger: false,
  }
}

test('the server starts while every route declares a permission', async () => {
  const { server, routes } = await createServer(optionsOf(r, [v1]))
  await server.close()
  expect(routes.length).toBeGreaterThan(100)
  const known = new Set<string>(['none', ...Object.keys(PERMISSIONS)])
  for (const { permission } of routes) expect(known).toContain(permission)
})

test('the server does not start with a route that declares none', async () => {
  const [first] = v1.routes
  if (first === undefined) throw new Error('there are no routes')
  const { permission: _, ...rest } = first
  const forgetful = { ...rest, id: 'forgetful', path: '/forgetful' } as typeof first
  await expect(createServer(optionsOf(r, [{ ...v1, routes: [forgetful] }]))).rejects.toThrow(
    "the route GET /v1/forgetful doesn't declare its permission",
  )
})

test('every route has an id and a place of its own', () => {
  expect(new Set(v1.routes.map(route => route.id)).size).toBe(v1.routes.length)
  expect(new Set(v1.routes.map(({ method, path }) => `${method} ${path}`)).size).toBe(v1.routes.length)
})

test('a page of contents that names another place than the route is refused', () => {
  const [first] = v1.routes
  if (first === undefined) throw new Error('there are no routes')
  expect(contents({ [`${first.method} ${first.path}`]: first })).toEqual([first])
  expect(() => contents({ 'GET /elsewhere': first })).toThrow('the contents say GET /elsewhere')
})

test('the list of routes is what the server serves: each route is in it with the permission it declares', () => {
  for (const { method, path, permission } of v1.routes) {
    const url = `/v1${path.replace(/\{\w+\+\}$/, '*').replaceAll(/\{(\w+)\}/g, ':$1')}`
    expect(r.app.routes).toContainEqual({ method, url, permission })
  }
})

// What the registry checks inside an operation, or what no route does yet.
const NOT_AT_A_ROUTE = ['version.commit', 'api-key.manage-instance']

test('every permission is that of a route', () => {
  const declared = r.app.routes.map(({ permission }) => permission).filter(permission => permission !== 'none')
  const used = new Set<string>([...declared, ...NOT_AT_A_ROUTE])
  expect([...used].toSorted()).toEqual(Object.keys(PERMISSIONS).toSorted())
})
