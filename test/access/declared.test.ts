/** A route that doesn't say who may call it keeps the server from starting. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createServer, type ServerOptions } from '../../src/http/server.ts'
import { v1Operations } from '../../src/http/v1/routes.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

function optionsOf({ app }: TestRegistry): ServerOptions {
  return {
    registry: app.registry,
    readiness: { check: async () => {} },
    version: '0.0.0',
    publicUrl: undefined,
    slowBodies: { minBytes: 0, windowMs: 60_000 },
    logger: false,
  }
}

test('the server starts while every route declares its access', async () => {
  const { server, routes } = await createServer(optionsOf(r))
  await server.close()
  expect(routes.length).toBeGreaterThan(100)
  expect(new Set(routes.map(route => route.access))).toEqual(
    new Set(['anyone', 'reader', 'writer', 'admin', 'instance-admin']),
  )
})

test('the server does not start with an operation that declares none', async () => {
  const [first] = v1Operations
  if (first === undefined) throw new Error('there are no operations')
  const { access: _, ...rest } = first
  const forgetful = { ...rest, id: 'forgetful', path: '/forgetful' } as typeof first
  v1Operations.push(forgetful)
  try {
    await expect(createServer(optionsOf(r))).rejects.toThrow(
      "the route GET /v1/forgetful doesn't declare who may call it",
    )
  } finally {
    v1Operations.splice(v1Operations.indexOf(forgetful), 1)
  }
})

test('every operation has an id and a place of its own', () => {
  expect(new Set(v1Operations.map(operation => operation.id)).size).toBe(v1Operations.length)
  expect(new Set(v1Operations.map(({ method, path }) => `${method} ${path}`)).size).toBe(v1Operations.length)
})

test('the list of routes is what the server serves: each operation is in it with the access it declares', () => {
  for (const { method, path, access } of v1Operations) {
    const url = `/v1${path.replace(/\{\w+\+\}$/, '*').replaceAll(/\{(\w+)\}/g, ':$1')}`
    expect(r.app.routes).toContainEqual({ method, url, access })
  }
})
