/** `Idempotency-Key`: a POST that is sent again has no second effect. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { movableClock } from '../support/clock.ts'
import { walk } from '../support/lists.ts'
import { makeKey } from '../support/people.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

const HOUR = 3_600_000

const clock = movableClock()
let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry({}, { clock })
})
afterAll(() => r.close())

let count = 0
/** A header with a key that no other test has. */
function freshKey(): { 'idempotency-key': string } {
  count += 1
  return { 'idempotency-key': `key ${count}` }
}

async function makeModel(name: string): Promise<string> {
  return (await r.writer.post('/models', { name })).json().id
}

/** What can be made over and over: where, with which body, and how many there are. */
const MADE: Record<string, () => Promise<{ path: string; body?: object; count(): Promise<number> }>> = {
  'a model': async () => ({
    path: '/models',
    body: { name: `model ${count}`, description: 'once', isPublic: true },
    count: async () => (await walk(r.admin, '/models', { name: `model ${count}` })).length,
  }),
  'a version': async () => {
    const path = `/models/${await makeModel('m')}/versions`
    const body = { message: 'once', metadata: { b: 1, a: [null, 'é'] }, tags: 'x,y' }
    return { path, body, count: async () => (await walk(r.admin, path)).length }
  },
  'a version without a body': async () => {
    const path = `/models/${await makeModel('m')}/versions`
    return { path, count: async () => (await walk(r.admin, path)).length }
  },
  'a project': async () => ({
    path: '/projects',
    body: { name: `project ${count}` },
    count: async () => (await walk(r.admin, '/projects')).filter(({ name }) => name === `project ${count}`).length,
  }),
  'a user': async () => ({
    path: '/users',
    body: { name: `user ${count}`, email: null },
    count: async () => (await walk(r.admin, '/users')).filter(({ name }) => name === `user ${count}`).length,
  }),
  'a model in a project': async () => {
    const project = (await r.writer.post('/projects', { name: 'p' })).json().id
    const model = await makeModel('m')
    const events = () => walk(r.admin, `/models/${model}/events`, { kind: 'model.update' })
    return { path: `/projects/${project}/models/${model}`, count: async () => (await events()).length }
  },
}

describe.each(Object.entries(MADE))('%s', (_what, make) => {
  test('that is made again with the same key is made once, and both answers are the same, byte by byte', async () => {
    const key = freshKey()
    const { path, body, count } = await make()
    const first = await r.admin.post(path, body, key)
    expect(first.statusCode, first.body).toBe(200)
    clock.move(HOUR)
    const second = await r.admin.post(path, body, key)
    expect([second.statusCode, second.body]).toEqual([200, first.body])
    expect(second.headers['content-type']).toBe(first.headers['content-type'])
    expect(await count()).toBe(1)
  })

  test('that is made again without a key is made again', async () => {
    freshKey()
    const { path, body, count } = await make()
    for (let time = 0; time < 2; time += 1) expect((await r.admin.post(path, body)).statusCode).toBe(200)
    expect(await count()).toBe(2)
  })
})

describe('a key', () => {
  test('that comes twenty times at once has one effect, and one answer', async () => {
    const key = freshKey()
    const body = { name: 'twenty at once' }
    const answers = await Promise.all(Array.from({ length: 20 }, () => r.writer.post('/models', body, key)))
    expect(answers.map(answer => answer.statusCode)).toEqual(answers.map(() => 200))
    expect(new Set(answers.map(answer => answer.body)).size).toBe(1)
    expect(await walk(r.reader, '/models', { name: body.name })).toHaveLength(1)
    expect(await walk(r.reader, `/models/${answers[0]?.json().id}/events`)).toHaveLength(1)
  })

  test('stands for what is asked, however its JSON is written', async () => {
    const key = { ...freshKey(), 'content-type': 'application/json' }
    const first = await r.writer.post('/models', '{"name":"written","isPublic":true}', key)
    const second = await r.writer.post('/models', '{ "isPublic": true,\n "name": "written" }', key)
    expect([second.statusCode, second.body]).toEqual([200, first.body])
  })

  test.each<[string, () => Promise<[path: string, body?: object]>]>([
    ['body', async () => ['/models', { name: 'other' }]],
    ['path', async () => ['/projects', { name: 'one' }]],
    ['model', async () => [`/models/${await makeModel('m')}/versions`]],
  ])('with another %s is refused, which says so, and changes nothing', async (_what, describeOther) => {
    const key = freshKey()
    const other = await describeOther()
    const first = await r.writer.post('/models', { name: 'one' }, key)
    const before = await walk(r.reader, '/events')
    const refused = await r.writer.post(other[0], other[1], key)
    expect([refused.statusCode, refused.json()]).toEqual([
      409,
      {
        code: 'CONFLICT',
        message: 'this Idempotency-Key was used for another request; use a new key for each request',
      },
    ])
    expect(await walk(r.reader, '/events')).toEqual(before)
    expect((await r.writer.post('/models', { name: 'one' }, key)).body).toBe(first.body)
  })

  test('for a version of one model is none for a version of another', async () => {
    const key = freshKey()
    expect((await r.writer.post(`/models/${await makeModel('m')}/versions`, {}, key)).statusCode).toBe(200)
    expect((await r.writer.post(`/models/${await makeModel('m')}/versions`, {}, key)).statusCode).toBe(409)
  })

  test('of one API key is nothing to another', async () => {
    const key = freshKey()
    const callers = [r.writer, r.admin, r.stranger]
    const answers = []
    for (const caller of callers) answers.push(await caller.post('/models', { name: 'mine' }, key))
    expect(answers.map(answer => answer.statusCode)).toEqual([200, 200, 200])
    expect(new Set(answers.map(answer => answer.json().id)).size).toBe(3)
  })

  test('that was used can no longer be used once its API key is revoked', async () => {
    const key = freshKey()
    const made = await makeKey(r, 'writer')
    expect((await r.as(made.key).post('/models', { name: 'm' }, key)).statusCode).toBe(200)
    await r.admin.delete(`/api-keys/${made.id}`)
    expect((await r.as(made.key).post('/models', { name: 'm' }, key)).statusCode).toBe(401)
  })

  test('answers with what was made, also when that is gone or has changed', async () => {
    const key = freshKey()
    const first = await r.writer.post('/models', { name: 'gone soon' }, key)
    await r.writer.delete(`/models/${first.json().id}`)
    const second = await r.writer.post('/models', { name: 'gone soon' }, key)
    expect([second.statusCode, second.body]).toEqual([200, first.body])
    expect(await walk(r.reader, '/models', { name: 'gone soon' })).toEqual([])
  })

  test.each([
    ['', 'empty'],
    ['x'.repeat(256), 'too long'],
    ['caf\u00e9', 'not ASCII'],
    ['a\tb', 'not printable'],
  ])('that reads %j is refused: it is %s', async value => {
    const refused = await r.writer.post('/models', { name: 'badly keyed' }, { 'idempotency-key': value })
    expect(refused.statusCode).toBe(400)
    expect(refused.json()).toMatchObject({
      code: 'BAD_REQUEST',
      message: 'Idempotency-Key must be 1 to 255 printable ASCII characters',
    })
    expect(await walk(r.reader, '/models', { name: 'badly keyed' })).toEqual([])
  })

  test('may have 255 characters, and any that print', async () => {
    const key = { 'idempotency-key': '~!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|} '.repeat(8).slice(0, 254).concat('.') }
    const first = await r.writer.post('/models', { name: 'm' }, key)
    expect((await r.writer.post('/models', { name: 'm' }, key)).body).toBe(first.body)
  })

  test('is new again after 24 hours, and is not before', async () => {
    const key = freshKey()
    const send = async () => (await r.writer.post('/models', { name: 'day by day' }, key)).json().id
    const first = await send()
    clock.move(23 * HOUR)
    expect(await send()).toBe(first)
    clock.move(HOUR + 60_000)
    const second = await send()
    expect(second).not.toBe(first)
    expect(await send()).toBe(second)
  })

  test('is new again after 24 hours, however many others are too old with it', async () => {
    const keys = Array.from({ length: 30 }, () => freshKey())
    const send = async (key: Record<string, string>) =>
      (await r.writer.post('/models', { name: 'many' }, key)).json().id
    const first = []
    for (const key of keys) first.push(await send(key))
    clock.move(25 * HOUR)
    // The youngest first, while nearly all of the old ones are there.
    const second = []
    for (const key of keys.toReversed()) second.push(await send(key))
    expect(new Set([...first, ...second]).size).toBe(60)
  })
})

describe('a request that failed does not use its key up', () => {
  test('when its body was wrong', async () => {
    const key = freshKey()
    expect((await r.writer.post('/models', { name: '' }, key)).statusCode).toBe(400)
    expect((await r.writer.post('/models', { name: '\u0000' }, key)).statusCode).toBe(400)
    expect((await r.writer.post('/models', { name: 'right' }, key)).statusCode).toBe(200)
  })

  test('when what it named was not there', async () => {
    const key = freshKey()
    const body = { name: 'm', projectId: 'pr0000000000000' }
    expect((await r.writer.post('/models', body, key)).statusCode).toBe(404)
    const project = (await r.writer.post('/projects', { name: 'p' })).json()
    expect((await r.writer.post('/models', { ...body, projectId: project.id }, key)).statusCode).toBe(200)
  })

  test('when it was in conflict with something', async () => {
    const key = freshKey()
    const owner = await makeModel('taken for a while')
    const send = () => r.writer.post('/models', { name: 'taken for a while', uniqueName: true }, key)
    expect((await send()).statusCode).toBe(409)
    await r.writer.delete(`/models/${owner}`)
    const made = await send()
    expect(made.statusCode).toBe(200)
    // Else the repetition would find its own name taken.
    expect((await send()).body).toBe(made.body)
  })

  test('when the caller was not allowed to', async () => {
    const key = freshKey()
    expect((await r.reader.post('/models', { name: 'm' }, key)).statusCode).toBe(403)
    expect((await r.writer.post('/models', { name: 'm' }, key)).statusCode).toBe(200)
  })
})

describe('a secret is shown once', () => {
  const SECRET = {
    code: 'CONFLICT',
    message: expect.stringMatching(/shown only once; look at the list of what it made$/),
  }

  test('when an API key is made again with the same key', async () => {
    const key = freshKey()
    const body = { name: 'made once', role: 'reader' }
    const first = await r.admin.post('/api-keys', body, key)
    expect(first.statusCode).toBe(200)
    const second = await r.admin.post('/api-keys', body, key)
    expect([second.statusCode, second.json()]).toEqual([409, SECRET])
    expect(second.body).not.toContain(first.json().key)
    const listed = (await walk(r.admin, '/api-keys')).filter(({ name }) => name === body.name)
    expect(listed.map(({ id }) => id)).toEqual([first.json().id])
    expect((await r.as(first.json().key).get('/models')).statusCode).toBe(200)
    const other = await r.admin.post('/api-keys', { ...body, role: 'admin' }, key)
    expect([other.statusCode, other.json().message]).toEqual([409, expect.stringContaining('another request')])
  })

  test('when twenty at once make an API key with the same key', async () => {
    const key = freshKey()
    const body = { name: 'made once by twenty', role: 'reader' }
    const answers = await Promise.all(Array.from({ length: 20 }, () => r.admin.post('/api-keys', body, key)))
    expect(answers.map(answer => answer.statusCode).toSorted()).toEqual([200, ...Array(19).fill(409)])
    expect((await walk(r.admin, '/api-keys')).filter(({ name }) => name === body.name)).toHaveLength(1)
  })

  test('when a team is made again with the same key', async () => {
    const key = freshKey()
    const body = { namespace: 'made-once' }
    expect((await r.admin.post('/teams', body, key)).statusCode).toBe(200)
    const second = await r.admin.post('/teams', body, key)
    expect([second.statusCode, second.json()]).toEqual([409, SECRET])
    expect((await walk(r.admin, '/teams')).filter(({ namespace }) => namespace === body.namespace)).toHaveLength(1)
  })
})

test('requests that are safe to repeat by themselves take no notice of the header', async () => {
  const key = freshKey()
  const id = await makeModel('m')
  for (const name of ['first', 'second']) {
    expect((await r.writer.put(`/models/${id}`, { name }, key)).json().name).toBe(name)
    expect((await r.reader.get(`/models/${id}`, key)).json().name).toBe(name)
  }
  expect((await r.reader.get('/models', { 'idempotency-key': '' })).statusCode).toBe(200)
})
