import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { looksLikeDate } from '../support/dates.ts'
import { walk } from '../support/lists.ts'
import { makeKey } from '../support/people.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

describe('teams', () => {
  test('a new one comes with its first admin key, which sees an empty registry', async () => {
    const answer = await r.admin.post('/teams', { namespace: 'acme' })
    const { id, dtCreated, apiKey } = answer.json()
    expect(Object.keys(answer.json())).toEqual(['apiKey', 'dtCreated', 'id', 'namespace'])
    expect(apiKey).toMatchObject({ role: 'admin', name: 'first admin key', dtExpires: null })
    await keepModel(r.writer)
    const admin = r.as(apiKey.key)
    expect(await walk(admin, '/models')).toEqual([])
    expect(await walk(admin, '/projects')).toEqual([])
    expect(await walk(admin, '/users')).toHaveLength(1)
    expect(await walk(admin, '/api-keys')).toMatchObject([{ id: apiKey.id }])
    expect((await walk(r.admin, '/teams'))[0]).toEqual({ dtCreated, id, namespace: 'acme' })
  })

  test('a namespace is taken once', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => r.admin.post('/teams', { namespace: 'wanted' })))
    expect(answers.map(answer => answer.statusCode).toSorted()).toEqual([200, 409, 409])
    expect(answers.find(answer => answer.statusCode === 409)?.json()).toEqual({
      code: 'CONFLICT',
      message: 'a team with the namespace "wanted" exists already',
    })
  })

  test.each(['2023', 'a.b', 'Acme', '', '-a', 'a b', 'x'.repeat(64), 5, null])(
    'the namespace %j is refused',
    async namespace => {
      const answer = await r.admin.post('/teams', { namespace })
      expect(answer.statusCode).toBe(400)
      expect(answer.json().message).toMatch(/^namespace must /)
    },
  )

  test('no namespace looks like a date to the official Paperspace client', async () => {
    const namespaces = (await walk(r.admin, '/teams')).map(team => String(team['namespace']))
    expect(namespaces.filter(looksLikeDate)).toEqual([])
  })
})

describe('users', () => {
  test('are added, listed and removed; their keys stop at once', async () => {
    const answer = await r.admin.post('/users', { name: 'Robot', email: 'robot@example.com' })
    const user = answer.json()
    expect(answer.body).toBe(
      `{"dtCreated":"${user.dtCreated}","email":"robot@example.com","id":"${user.id}","name":"Robot"}`,
    )
    expect((await walk(r.reader, '/users'))[0]).toEqual(user)
    const { key } = await makeKey(r, 'writer', { userId: user.id })
    const model = (await r.as(key).post('/models', { name: 'made by robot' })).json()
    expect((await r.admin.delete(`/users/${user.id}`)).json()).toEqual({ id: user.id })
    expect((await r.as(key).get('/models')).statusCode).toBe(401)
    expect((await walk(r.reader, '/users')).map(item => item['id'])).not.toContain(user.id)
    expect((await r.reader.get(`/models/${model.id}`)).statusCode, 'what they made stays').toBe(200)
    expect((await r.admin.delete(`/users/${user.id}`)).statusCode).toBe(404)
    expect((await r.admin.post('/api-keys', { name: 'k', role: 'reader', userId: user.id })).statusCode).toBe(404)
  })

  test.each<[Record<string, unknown>]>([
    [{ name: '' }],
    [{ name: 'a\nb' }],
    [{ name: 'x'.repeat(121) }],
    [{}],
    [{ name: 'x', email: 'no address' }],
    [{ name: 'x', email: 'a@b\nc' }],
    [{ name: 'x', email: `${'x'.repeat(251)}@b.c` }],
  ])('%j is refused', async body => {
    const answer = await r.admin.post('/users', body)
    expect(answer.statusCode).toBe(400)
    expect(answer.json().code).toBe('BAD_REQUEST')
  })

  test('the last admin cannot be removed', async () => {
    const team = (await r.admin.post('/teams', { namespace: 'last-admin' })).json()
    const admin = r.as(team.apiKey.key)
    const [user] = await walk(admin, '/users')
    const refused = await admin.delete(`/users/${user?.['id']}`)
    expect(refused.statusCode).toBe(409)
    expect(refused.json().message).toMatch(/without an admin key that never expires/)
    expect((await admin.get('/models')).statusCode).toBe(200)
  })
})
