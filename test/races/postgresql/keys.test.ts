/** Two processes give and take rights at the same moment, or do the same thing once. */
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSocket, parseAnswer } from '../../support/raw-http.ts'
import { ROUNDS, race, startTwo, type TwoRegistries } from '../../support/two-registries.ts'

let two: TwoRegistries
/** The text of an instance-admin key that works. */
let admin: string
let url: string
beforeAll(async () => {
  two = await startTwo()
  admin = two.left.admin.key ?? ''
  url = await two.right.app.listen()
})
afterAll(() => two[Symbol.asyncDispose]())

interface MadeKey {
  id: string
  key: string
}

async function makeTeam(): Promise<MadeKey> {
  const namespace = `team-${Math.random().toString(36).slice(2)}`
  return (await two.left.as(admin).post('/teams', { namespace })).json().apiKey
}

async function makeKey(by: string, role: string, more = {}): Promise<MadeKey> {
  const answer = await two.left.as(by).post('/api-keys', { name: role, role, ...more })
  expect(answer.statusCode).toBe(200)
  return answer.json()
}

const statusOf = async (key: string) => (await two.right.as(key).get('/models')).statusCode

test('of two admins who revoke each other, one is left', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const one = await makeTeam()
    const other = await makeKey(one.key, 'admin')
    // A third key would be enough to let both be revoked: still, who was revoked revokes no more.
    if (round % 2) await makeKey(one.key, 'admin')
    const { statuses } = await race(
      () => two.left.as(one.key).delete(`/api-keys/${other.id}`),
      () => two.right.as(other.key).delete(`/api-keys/${one.id}`),
    )
    expect(statuses.toSorted()).toEqual([200, 401])
    expect([await statusOf(one.key), await statusOf(other.key)]).toEqual(statuses)
  }
})

test('of two lasting admin keys that one with an end revokes at the same moment, one stays', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const one = await makeTeam()
    const other = await makeKey(one.key, 'admin')
    const ends = await makeKey(one.key, 'admin', { dtExpires: '2999-01-01T00:00:00Z' })
    const { statuses } = await race(
      () => two.left.as(ends.key).delete(`/api-keys/${one.id}`),
      () => two.right.as(ends.key).delete(`/api-keys/${other.id}`),
    )
    expect(statuses.toSorted()).toEqual([200, 409])
  }
})

test('of two users with the lasting admin keys, removed at the same moment, one stays', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const one = await makeTeam()
    const { user } = (await two.left.as(one.key).get('/auth/session')).json()
    const { id } = (await two.left.as(one.key).post('/users', { name: 'second' })).json()
    await makeKey(one.key, 'admin', { userId: id })
    const third = (await two.left.as(one.key).post('/users', { name: 'third' })).json()
    const ends = await makeKey(one.key, 'admin', { userId: third.id, dtExpires: '2999-01-01T00:00:00Z' })
    const { statuses } = await race(
      () => two.left.as(ends.key).delete(`/users/${user.id}`),
      () => two.right.as(ends.key).delete(`/users/${id}`),
    )
    expect(statuses.toSorted()).toEqual([200, 409])
  }
})

test('of two instance admins who revoke each other, one is left', async () => {
  let present = admin
  for (let round = 0; round < ROUNDS; round++) {
    const next = await makeKey(present, 'admin', { isInstanceAdmin: true })
    const { statuses } = await race(
      () => two.left.as(present).delete(`/api-keys/${next.id}`),
      () => two.right.as(next.key).delete(`/api-keys/${present.split('_')[1]}`),
    )
    expect(statuses.toSorted()).toEqual([200, 401])
    if (statuses[1] === 200) present = next.key
    expect((await two.right.as(present).get('/teams')).statusCode).toBe(200)
  }
  admin = present
})

test('a key made for a user who is deleted at the same moment never works', async () => {
  const admin = await makeTeam()
  for (let round = 0; round < ROUNDS; round++) {
    const { id } = (await two.left.as(admin.key).post('/users', { name: 'short-lived' })).json()
    const { statuses, bodies } = await race(
      () => two.left.as(admin.key).delete(`/users/${id}`),
      () => two.right.as(admin.key).post('/api-keys', { name: 'k', role: 'writer', userId: id }),
    )
    expect(statuses[0]).toBe(200)
    expect([200, 404]).toContain(statuses[1])
    if (statuses[1] === 200) expect(await statusOf(bodies[1].key)).toBe(401)
  }
})

test('what is sent to both with one Idempotency-Key is done once', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const once = { 'idempotency-key': `once ${round}` }
    const model = { name: `once ${round}` }
    const { statuses, bodies } = await race(
      () => two.left.as(admin).post('/models', model, once),
      () => two.right.as(admin).post('/models', model, once),
    )
    expect(statuses).toEqual([200, 200])
    expect(bodies[0]).toEqual(bodies[1])
    expect((await two.left.as(admin).get(`/models?name=once%20${round}`)).json().items).toHaveLength(1)
    // What holds a secret is not answered twice.
    const key = { name: `once ${round}`, role: 'reader' }
    const keys = await race(
      () => two.left.as(admin).post('/api-keys', key, { 'idempotency-key': `key ${round}` }),
      () => two.right.as(admin).post('/api-keys', key, { 'idempotency-key': `key ${round}` }),
    )
    expect(keys.statuses.toSorted()).toEqual([200, 409])
  }
})

test('a key revoked by one process is refused by the other at once', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { id, key } = await makeKey(admin, 'writer')
    expect(await statusOf(key)).toBe(200)
    expect((await two.left.as(admin).delete(`/api-keys/${id}`)).statusCode).toBe(200)
    expect(await statusOf(key)).toBe(401)
  }
})

test.for([
  ['a JSON body', 'POST /v1/models HTTP/1.1', 'content-type: application/json', '{"name":"by a ', 'revoked key"}'],
  ['an upload', 'PUT /v1/$FILE HTTP/1.1', 'content-type: application/octet-stream', 'first half', 'other half'],
])('a key revoked in the middle of %s has no effect any more', async ([, request, type, half, rest]) => {
  const { id: model } = (await two.left.as(admin).post('/models', { name: 'target' })).json()
  await two.left.as(admin).post(`/models/${model}/versions`)
  const draft = `models/${model}/versions/1`
  const { id, key } = await makeKey(admin, 'writer')
  const socket = await openSocket(url)
  const length = Buffer.byteLength(`${half}${rest}`)
  const head = [request?.replace('$FILE', `${draft}/files/f`), 'host: x', `authorization: Bearer ${key}`, type]
  socket.write([...head, 'connection: close', `content-length: ${length}`, '', half].join('\r\n'))
  await untilUsed(id)
  expect((await two.left.as(admin).delete(`/api-keys/${id}`)).statusCode).toBe(200)
  socket.write(rest ?? '')
  expect(await parseAnswer(await text(socket))).toMatchObject({ status: 401 })
  expect((await two.left.as(admin).get('/models?name=by%20a%20revoked%20key')).json().items).toEqual([])
  expect((await two.left.as(admin).get(`/${draft}`)).json()).toMatchObject({ fileCount: 0 })
  await two.finishJobs()
  expect(await two.storedBytes()).toEqual([])
})

/** Until the server has let the key in. */
async function untilUsed(id: string): Promise<void> {
  const { read } = two.left.app.registry.db
  for (let look = 0; look < 500; look++) {
    const row = await read.selectFrom('api_keys').select('last_used_at').where('id', '=', id).executeTakeFirstOrThrow()
    if (row.last_used_at !== null) return
    await setTimeout(10)
  }
  throw new Error('the request was not admitted')
}
