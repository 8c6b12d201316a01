/** No key is the last one of its kind for ever, and none that is needed goes without a successor. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { movableClock } from '../support/clock.ts'
import { walk } from '../support/lists.ts'
import { makeKey } from '../support/people.ts'
import { type Caller, startRegistry, type TestRegistry } from '../support/registry.ts'

const DAY = 24 * 60 * 60_000
const clock = movableClock()
let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry({}, { clock })
})
afterAll(() => r.close())

interface Made {
  id: string
  key: string
  as: Caller
}

async function make(by: Caller, more: Record<string, unknown> = {}): Promise<Made> {
  const answer = await by.post('/api-keys', { name: 'k', role: 'admin', ...more })
  expect(answer.statusCode, answer.body).toBe(200)
  const { id, key } = answer.json()
  return { id, key, as: r.as(key) }
}

async function makeTeam(): Promise<Made & { teamId: string }> {
  const namespace = `team-${Math.random().toString(36).slice(2)}`
  const { id, apiKey } = (await r.admin.post('/teams', { namespace })).json()
  return { id: apiKey.id, key: apiKey.key, as: r.as(apiKey.key), teamId: id }
}

const inDays = (days: number) => new Date(clock.now() + days * DAY).toISOString()
const statusOf = async (caller: Caller) => (await caller.get('/models')).statusCode

describe('an instance-admin key', () => {
  test('makes another one, and then the first can go', async () => {
    await using fresh = await startRegistry()
    const made = (await fresh.admin.post('/api-keys', { name: 'k', role: 'admin', isInstanceAdmin: true })).json()
    const next = fresh.as(made.key)
    expect(made.isInstanceAdmin).toBe(true)
    const first = fresh.admin.key?.split('_')[1]
    expect((await next.delete(`/api-keys/${first}`)).statusCode).toBe(200)
    expect((await next.post('/teams', { namespace: 'later' })).statusCode).toBe(200)
    expect((await next.delete(`/api-keys/${made.id}`)).statusCode).toBe(409)
    const third = await next.post('/api-keys', { name: 'k', role: 'admin', isInstanceAdmin: true })
    expect((await fresh.as(third.json().key).delete(`/api-keys/${made.id}`)).statusCode).toBe(200)
  })

  test('is no successor when it expires', async () => {
    await using fresh = await startRegistry()
    const body = { name: 'k', role: 'admin', isInstanceAdmin: true, dtExpires: inDays(1) }
    expect((await fresh.admin.post('/api-keys', body)).statusCode).toBe(200)
    // Admin keys without an end are there, but none of them manages the installation.
    expect((await fresh.admin.post('/api-keys', { name: 'k', role: 'admin' })).statusCode).toBe(200)
    const first = fresh.admin.key?.split('_')[1]
    expect((await fresh.admin.delete(`/api-keys/${first}`)).json().message).toContain('without an instance-admin key')
  })

  test('is not revoked by an admin who could not make one, nor is its user removed', async () => {
    const user = (await r.admin.post('/users', { name: 'operator' })).json()
    const spare = await make(r.admin, { isInstanceAdmin: true, userId: user.id })
    const plain = r.as((await makeKey(r, 'admin')).key)
    expect((await plain.delete(`/api-keys/${spare.id}`)).statusCode).toBe(403)
    expect((await plain.delete(`/users/${user.id}`)).statusCode).toBe(403)
    expect(await statusOf(spare.as)).toBe(200)
    expect((await r.admin.delete(`/users/${user.id}`)).statusCode).toBe(200)
    expect(await statusOf(spare.as)).toBe(401)
  })

  test('is marked in the list of keys', async () => {
    const { id } = await make(r.admin, { isInstanceAdmin: true })
    const keys = await walk(r.admin, '/api-keys')
    expect(keys.find(key => key['id'] === id)).toMatchObject({ isInstanceAdmin: true })
    expect(keys.filter(key => key['isInstanceAdmin'] === true)).toHaveLength(2)
  })
})

describe('the last admin key without an end', () => {
  test.each(['a day', 'a hundred years'])('stays beside one that ends in %s', async span => {
    const team = await makeTeam()
    const ends = await make(team.as, { dtExpires: inDays(span === 'a day' ? 1 : 36_500) })
    for (const by of [team.as, ends.as]) {
      const refused = await by.delete(`/api-keys/${team.id}`)
      expect(refused.statusCode).toBe(409)
      expect(refused.json().message).toContain('an admin key that never expires')
    }
    expect((await ends.as.delete(`/api-keys/${ends.id}`)).statusCode).toBe(200)
  })

  test('stays also when its user is removed', async () => {
    const team = await makeTeam()
    await make(team.as, { dtExpires: inDays(1) })
    const { user } = (await team.as.get('/auth/session')).json()
    const other = (await team.as.post('/users', { name: 'other' })).json()
    const ends = await make(team.as, { dtExpires: inDays(1), userId: other.id })
    expect((await ends.as.delete(`/users/${user.id}`)).statusCode).toBe(409)
    await make(team.as, { userId: other.id })
    expect((await ends.as.delete(`/users/${user.id}`)).statusCode).toBe(200)
  })

  test('is not a reader or a writer', async () => {
    const team = await makeTeam()
    for (const role of ['reader', 'writer']) await make(team.as, { role })
    expect((await team.as.delete(`/api-keys/${team.id}`)).statusCode).toBe(409)
  })

  test('lost in an older release, keeps nobody from revoking other keys, but the last working one', async () => {
    const team = await makeTeam()
    const [one, two] = [await make(team.as, { dtExpires: inDays(2) }), await make(team.as, { dtExpires: inDays(2) })]
    const reader = await make(team.as, { role: 'reader' })
    await r.app.registry.db.transaction(trx =>
      trx.updateTable('api_keys').set({ revoked_at: 1 }).where('id', '=', team.id).execute(),
    )
    expect((await one.as.delete(`/api-keys/${reader.id}`)).statusCode).toBe(200)
    expect((await one.as.delete(`/api-keys/${two.id}`)).statusCode).toBe(200)
    expect((await one.as.delete(`/api-keys/${one.id}`)).statusCode).toBe(409)
  })
})

describe('a team that nobody can administer any more', () => {
  test('gets a key from an instance admin, told in the feeds of both', async () => {
    const team = await makeTeam()
    const ends = await make(team.as, { dtExpires: inDays(1) })
    await r.app.registry.db.transaction(trx =>
      trx.updateTable('api_keys').set({ revoked_at: 1 }).where('id', '=', team.id).execute(),
    )
    clock.move(2 * DAY)
    expect([await statusOf(team.as), await statusOf(ends.as)]).toEqual([401, 401])
    const rescue = await make(r.admin, { teamId: team.teamId })
    expect((await rescue.as.get('/auth/session')).json().team.id).toBe(team.teamId)
    expect((await rescue.as.post('/api-keys', { name: 'k', role: 'admin' })).statusCode).toBe(200)
    expect((await rescue.as.post('/teams', { namespace: 'sneaky' })).statusCode).toBe(403)
    for (const feed of [rescue.as, r.admin]) {
      const events = (await feed.get('/events?kind=api-key.create')).json().items
      const subjects = events.map(({ subject }: { subject: { id: string } }) => subject.id)
      expect(subjects).toContain(rescue.id)
    }
  })

  test('gets one for a member that is named, and for a new one when nobody is left', async () => {
    const team = await makeTeam()
    const { user } = (await team.as.get('/auth/session')).json()
    const named = await make(r.admin, { teamId: team.teamId, userId: user.id, role: 'reader' })
    expect((await named.as.get('/auth/session')).json().user.id).toBe(user.id)
    await r.app.registry.db.transaction(trx =>
      trx.updateTable('users').set({ deleted_at: 1 }).where('id', '=', user.id).execute(),
    )
    const made = await make(r.admin, { teamId: team.teamId })
    const session = (await made.as.get('/auth/session')).json()
    expect(session).toMatchObject({ team: { id: team.teamId }, user: { firstName: 'admin' } })
    expect(session.user.id).not.toBe(user.id)
  })
})
