import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { movableClock } from '../support/clock.ts'
import { finishJobs } from '../support/jobs.ts'
import { walk } from '../support/lists.ts'
import { makeExpiredKey, makeKey, makeRevokedKey } from '../support/people.ts'
import { openSocket, parseAnswer } from '../support/raw-http.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { storedFiles } from '../support/stored-files.ts'

const clock = movableClock()
let r: TestRegistry
let url: string
beforeAll(async () => {
  r = await startRegistry({}, { clock })
  url = await r.listen()
})
afterAll(() => r.close())

const idOf = (key: string | undefined) => key?.split('_')[1] ?? ''

describe('making a key', () => {
  test('answers nine fields, the key among them, and never shows it again', async () => {
    const answer = await r.admin.post('/api-keys', { name: 'ci', role: 'writer', dtExpires: '2999-01-01T00:00:00Z' })
    const { id, key, dtCreated, userId } = answer.json()
    expect(answer.body).toBe(
      `{"dtCreated":"${dtCreated}","dtExpires":"2999-01-01T00:00:00.000Z","dtLastUsed":null,"id":"${id}","isInstanceAdmin":false,"name":"ci","role":"writer","userId":"${userId}","key":"${key}"}`,
    )
    expect(key).toMatch(new RegExp(`^ht_${id}_[A-Za-z0-9]{40}$`))
    const listed = (await walk(r.admin, '/api-keys')).find(item => item['id'] === id)
    expect(listed).toEqual({ ...answer.json(), key: undefined })
    expect(listed).not.toHaveProperty('key')
  })

  test('a key says when it was last used', async () => {
    const { id, key } = await makeKey(r, 'reader')
    await r.as(key).get('/models')
    // Noted after the answer, in a transaction of its own.
    for (let round = 0; round < 500; round++) {
      const listed = (await walk(r.admin, '/api-keys')).find(item => item['id'] === id)
      if (listed?.['dtLastUsed'] !== null) return void expect(listed?.['dtLastUsed']).toMatch(/^\d{4}-.*Z$/)
      await setTimeout(10)
    }
    throw new Error('the use of the key was never noted')
  })

  test.each<[Record<string, unknown>, string]>([
    [{ role: 'owner' }, 'role must be "reader" or "writer" or "admin"'],
    [{ role: 'instance-admin' }, 'role must be "reader" or "writer" or "admin"'],
    [{ role: undefined }, 'role is required'],
    [{ name: '' }, 'name must have 1 to 120 characters'],
    [{ name: 'a\nb' }, 'name must not contain control characters or line breaks'],
    [{ dtExpires: '2020-01-01T00:00:00Z' }, 'dtExpires must be in the future'],
    [{ dtExpires: 'tomorrow' }, 'dtExpires must be a date and time such as 2026-01-31T12:00:00Z'],
    [{ dtExpires: '2999-02-30T00:00:00Z' }, 'dtExpires must be a date and time such as 2026-01-31T12:00:00Z'],
    [{ dtExpires: '2999-01-01' }, 'dtExpires must be a date and time such as 2026-01-31T12:00:00Z'],
    [{ dtExpires: 4102444800000 }, 'dtExpires must be a string or null'],
    [{ userId: 'usnone' }, 'user "usnone" does not exist'],
  ])('%j is refused: %s', async (body, message) => {
    const answer = await r.admin.post('/api-keys', { name: 'k', role: 'reader', ...body })
    expect(answer.statusCode).toBe(message.includes('exist') ? 404 : 400)
    expect(answer.json().message).toBe(message)
  })

  test('an admin that is no instance admin makes no key of one, and none for another team', async () => {
    const { key } = await makeKey(r, 'admin')
    const { id: teamId } = (await walk(r.admin, '/teams')).at(0) ?? {}
    for (const caller of [r.as(key), r.stranger]) {
      const body = { name: 'sneaky', role: 'admin' }
      const own = (await caller.get('/auth/session')).json().team.id
      const refused = await caller.post('/api-keys', { ...body, isInstanceAdmin: true })
      expect(refused.json()).toEqual({ code: 'FORBIDDEN', message: 'only an instance-admin key may do this' })
      const others = (await walk(r.admin, '/teams')).map(team => team['id']).filter(id => id !== own)
      for (const id of [...others, 'tenone', teamId].filter(id => id !== own)) {
        expect((await caller.post('/api-keys', { ...body, teamId: id })).statusCode).toBe(403)
      }
    }
  })

  test.each<[Record<string, unknown>, number, string]>([
    [{ isInstanceAdmin: true, role: 'writer' }, 400, 'role of an instance-admin key must be "admin"'],
    [
      { isInstanceAdmin: true, teamId: 'OTHER' },
      400,
      'teamId of an instance-admin key must be the team of the key that makes it',
    ],
    [{ isInstanceAdmin: 'yes' }, 400, 'isInstanceAdmin must be a boolean'],
    [{ teamId: 'tenone' }, 404, 'team "tenone" does not exist'],
    [{ teamId: 'OTHER', userId: 'OWN' }, 404, 'does not exist'],
  ])('by an instance admin with %j is refused', async (more, status, message) => {
    const { team, user } = (await r.stranger.get('/auth/session')).json()
    const own = (await r.admin.get('/auth/session')).json().user.id
    const fill = (value: unknown) => (value === 'OTHER' ? team.id : value === 'OWN' ? own : value)
    const body = Object.fromEntries(Object.entries(more).map(([name, value]) => [name, fill(value)]))
    const refused = await r.admin.post('/api-keys', { name: 'k', role: 'admin', ...body })
    expect(refused.statusCode).toBe(status)
    expect(refused.json().message).toContain(message)
    expect(user.id).not.toBe(own)
  })

  test('a key cannot be made for a user of another team', async () => {
    const user = (await r.stranger.post('/users', { name: 'theirs' })).json()
    expect((await r.admin.post('/api-keys', { name: 'k', role: 'reader', userId: user.id })).statusCode).toBe(404)
  })
})

describe('a key that may not be used', () => {
  // S40: whether an id exists is not told apart from a wrong secret.
  test('gets the same answer for an unknown id and for a wrong secret, byte for byte', async () => {
    const wrongSecret = await r.as(`ht_${idOf(r.reader.key)}_${'a'.repeat(40)}`).get('/models')
    const unknownId = await r.as(`ht_ak0123456789abc_${'a'.repeat(40)}`).get('/models')
    expect(unknownId.body).toBe(wrongSecret.body)
    expect(unknownId.body).toBe('{"code":"UNAUTHORIZED","message":"the API key is not valid"}')
    const { date: _1, 'x-request-id': _2, ...one } = unknownId.headers
    const { date: _3, 'x-request-id': _4, ...other } = wrongSecret.headers
    expect(one).toEqual(other)
  })

  test('that was revoked or has expired tells so only to who has the whole of it', async () => {
    for (const made of [await makeRevokedKey(r, 'reader'), await makeExpiredKey(r, clock, 'reader')]) {
      const wrong = await r.as(`ht_${made.id}_${'a'.repeat(40)}`).get('/models')
      expect(wrong.json().message).toBe('the API key is not valid')
      expect((await r.as(made.key).get('/models')).json().message).toMatch(
        /revoked|expired at \d{4}-\d\d-\d\dT[\d:.]+Z$/,
      )
    }
  })
})

describe('revoking a key', () => {
  test('acts at once, answers the id, and takes it off the list', async () => {
    const { id, key } = await makeKey(r, 'writer')
    expect((await r.as(key).get('/models')).statusCode).toBe(200)
    expect((await r.admin.delete(`/api-keys/${id}`)).body).toBe(`{"id":"${id}"}`)
    expect((await r.as(key).get('/models')).statusCode).toBe(401)
    expect((await walk(r.admin, '/api-keys')).map(item => item['id'])).not.toContain(id)
    expect((await r.admin.delete(`/api-keys/${id}`)).statusCode).toBe(404)
  })

  // S58
  test('in the middle of an upload makes the upload fail at its end, and nothing is seen of it', async () => {
    const { id, key } = await makeKey(r, 'writer')
    const model = (await r.writer.post('/models', { name: 'm' })).json()
    await r.writer.post(`/models/${model.id}/versions`)
    const file = `/models/${model.id}/versions/1/files/w`
    const [one, two] = [randomBytes(600_000), randomBytes(600_000)]
    const socket = await openSocket(url)
    socket.write(
      `PUT /v1${file} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-length: 1200000\r\nconnection: close\r\n\r\n`,
    )
    socket.write(one)
    for (let round = 0; round < 500 && (await readdir(join(r.dataDir, 'tmp'))).length === 0; round++)
      await setTimeout(10)
    expect(await readdir(join(r.dataDir, 'tmp')), 'the upload has begun').toHaveLength(1)
    await r.admin.delete(`/api-keys/${id}`)
    socket.write(two)
    const answer = parseAnswer(await text(socket))
    expect(answer.status).toBe(401)
    expect(answer.body).toEqual({ code: 'UNAUTHORIZED', message: 'the API key has been revoked' })
    expect((await r.writer.get(file)).statusCode).toBe(404)
    await finishJobs(r.app)
    expect(await readdir(join(r.dataDir, 'tmp'))).toEqual([])
    expect(await storedFiles(r.dataDir)).toEqual([])
  })

  test('of the last admin key of a team is refused, and leaves it working', async () => {
    const team = (await r.admin.post('/teams', { namespace: 'lonely' })).json()
    const admin = r.as(team.apiKey.key)
    const refused = await admin.delete(`/api-keys/${team.apiKey.id}`)
    expect(refused.statusCode).toBe(409)
    expect(refused.json()).toEqual({
      code: 'CONFLICT',
      message: 'the team would be left without an admin key that never expires; create another one first',
    })
    expect((await admin.get('/models')).statusCode).toBe(200)
    const second = (await admin.post('/api-keys', { name: 'second', role: 'admin' })).json()
    expect((await admin.delete(`/api-keys/${team.apiKey.id}`)).statusCode).toBe(200)
    expect((await r.as(second.key).delete(`/api-keys/${second.id}`)).statusCode).toBe(409)
  })

  test('of two last admin keys by each other, at once, leaves one', async () => {
    const team = (await r.admin.post('/teams', { namespace: 'duel' })).json()
    const second = (await r.as(team.apiKey.key).post('/api-keys', { name: 's', role: 'admin' })).json()
    const answers = await Promise.all([
      r.as(team.apiKey.key).delete(`/api-keys/${second.id}`),
      r.as(second.key).delete(`/api-keys/${team.apiKey.id}`),
    ])
    expect(answers.filter(answer => answer.statusCode === 200)).toHaveLength(1)
  })

  test('of the only key that may make teams is refused, also when its user is removed', async () => {
    await makeKey(r, 'admin')
    const user = (await r.admin.post('/users', { name: 'second admin' })).json()
    await makeKey(r, 'admin', { userId: user.id })
    const { user: first } = (await r.admin.get('/auth/session')).json()
    for (const path of [`/api-keys/${idOf(r.admin.key)}`, `/users/${first.id}`]) {
      const refused = await r.admin.delete(path)
      expect(refused.statusCode, path).toBe(409)
      expect(refused.json().message).toMatch(/^the registry would be left without an instance-admin key/)
    }
    expect((await r.admin.get('/teams')).statusCode).toBe(200)
  })
})

test('a broken-off socket of a refused key does not disturb the next request', async () => {
  const socket = await openSocket(url)
  socket.write('PUT /v1/models/x/versions/1/files/a HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\nabc')
  socket.destroy()
  await once(socket, 'close')
  expect((await r.reader.get('/models')).statusCode).toBe(200)
})
