/** Moving an alias only from where the caller believes it to be. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
let path: string
beforeAll(async () => {
  r = await startRegistry()
  const { id } = await keepModel(r.writer, { a: 'one' })
  for (const number of [2, 3]) {
    await r.writer.post(`/models/${id}/versions`)
    await r.writer.put(`/models/${id}/versions/${number}`, { isCommitted: true })
  }
  path = `/models/${id}/aliases/production`
})
afterAll(() => r.close())

const pointsAt = async () => (await r.reader.get(path)).json().version

test('an alias that must not exist is made once, and the second time refused with where it points', async () => {
  expect((await r.writer.put(path, { version: 1, expectedVersion: null })).statusCode).toBe(200)
  const again = await r.writer.put(path, { version: 2, expectedVersion: null })
  expect(again.statusCode).toBe(409)
  expect(again.json().message).toBe(
    'the alias "production" points at version 1, but it was expected not to exist; nothing was changed',
  )
  expect(await pointsAt()).toBe('1')
})

test('an alias that points elsewhere than expected stays where it is', async () => {
  const answer = await r.writer.put(path, { version: 3, expectedVersion: 2 })
  expect(answer.statusCode).toBe(409)
  expect(answer.json().message).toContain('points at version 1, but version 2 was expected')
  expect(await pointsAt()).toBe('1')
  expect((await r.writer.put(path, { version: '2', expectedVersion: '1' })).statusCode).toBe(200)
  expect(await pointsAt()).toBe('2')
})

test('If-Match with the ETag of the alias moves it once', async () => {
  const etag = String((await r.reader.get(path)).headers['etag'])
  const first = await r.writer.put(path, { version: 3 }, { 'if-match': etag })
  expect(first.statusCode).toBe(200)
  expect(first.headers['etag']).not.toBe(etag)
  expect((await r.writer.put(path, { version: 1 }, { 'if-match': etag })).statusCode).toBe(412)
  expect((await r.writer.put(path, { version: 1 }, { 'if-none-match': '*' })).statusCode).toBe(412)
  expect(await pointsAt()).toBe('3')
})

test('of many who expect the same version one moves the alias', async () => {
  await r.writer.put(path, { version: 1 })
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => r.writer.put(path, { version: 2 + (index % 2), expectedVersion: 1 })),
  )
  const statuses = answers.map(answer => answer.statusCode)
  expect(statuses.filter(status => status === 200)).toHaveLength(1)
  expect(statuses.filter(status => status === 409)).toHaveLength(19)
})

test.each([0, -1, 1.5, true, 'latest', '01', ''])('the expectation %j is no version number', async expectedVersion => {
  expect((await r.writer.put(path, { version: 1, expectedVersion })).statusCode).toBe(400)
})
