/** `GET /events`: all that happened in a team, with every filter, also while more of it happens. */
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { finishJobs } from '../support/jobs.ts'
import { getPage, type PageBody, walk } from '../support/lists.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

type Item = Record<string, unknown>

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

async function makeModel(name = 'm'): Promise<string> {
  return (await r.writer.post('/models', { name })).json().id
}

/** A model with a committed version 1, a draft 2, an alias that moved and one that was removed, by two users. */
async function liveThrough(): Promise<{ id: string; userId: string }> {
  const id = await makeModel()
  const path = `/models/${id}`
  const user = (await r.admin.post('/users', { name: 'Trainer' })).json()
  const { key } = (await r.admin.post('/api-keys', { name: 'k', role: 'writer', userId: user.id })).json()
  const trainer = r.as(key)
  for (const number of [1, 2]) {
    await trainer.post(`${path}/versions`)
    await trainer.put(`${path}/versions/${number}/files/a`, `bytes ${number}`)
    await trainer.put(`${path}/versions/${number}`, { isCommitted: true })
  }
  await r.writer.put(`${path}/aliases/prod`, { version: '1' })
  await trainer.put(`${path}/aliases/prod`, { version: '2' })
  await r.writer.put(`${path}/aliases/test`, { version: '1' })
  await r.writer.delete(`${path}/aliases/test`)
  await r.writer.put(path, { name: 'renamed' })
  return { id, userId: user.id }
}

describe('an event tells', () => {
  test('of everything that belongs to no model: what it is about, and nothing secret', async () => {
    const newest = async () => (await getPage(r.admin, '/events', { limit: 1 })).items[0]
    const project = (await r.writer.post('/projects', { name: 'p' })).json()
    expect(await newest()).toMatchObject({ kind: 'project.create', subject: { kind: 'project', id: project.id } })
    await r.writer.put(`/projects/${project.id}`, { name: 'q' })
    expect(await newest()).toMatchObject({ kind: 'project.update', details: { name: 'q' } })
    await r.writer.delete(`/projects/${project.id}`)
    expect(await newest()).toMatchObject({ kind: 'project.delete', subject: { kind: 'project', id: project.id } })
    const user = (await r.admin.post('/users', { name: 'u', email: 'u@example.org' })).json()
    expect(await newest()).toMatchObject({ kind: 'user.create', subject: { kind: 'user', id: user.id } })
    const key = (await r.admin.post('/api-keys', { name: 'k', role: 'reader', userId: user.id })).json()
    expect(await newest()).toMatchObject({
      kind: 'api-key.create',
      subject: { kind: 'api-key', id: key.id },
      details: { name: 'k', role: 'reader', userId: user.id },
    })
    await r.admin.delete(`/api-keys/${key.id}`)
    expect(await newest()).toMatchObject({ kind: 'api-key.revoke', subject: { kind: 'api-key', id: key.id } })
    await r.admin.delete(`/users/${user.id}`)
    expect(await newest()).toMatchObject({ kind: 'user.delete', subject: { kind: 'user', id: user.id } })
    const { id: teamId, apiKey } = (await r.admin.post('/teams', { namespace: 'told-of' })).json()
    expect(await newest()).toMatchObject({
      kind: 'team.create',
      subject: { kind: 'team', id: teamId },
      details: { namespace: 'told-of' },
    })
    const text = JSON.stringify(await walk(r.admin, '/events', { limit: 120 }))
    for (const secret of [key.key, apiKey.key, r.admin.key, r.writer.key]) {
      expect(text).not.toContain(String(secret).split('_').at(-1))
    }
  })

  test('by which request it was done: its id, its user, its key and where it came from', async () => {
    const { user } = (await r.writer.get('/auth/session')).json()
    const answer = await r.writer.post('/projects', { name: 'asked for' })
    const [event] = (await getPage(r.reader, '/events', { kind: 'project.create', limit: 1 })).items
    expect(event).toMatchObject({
      requestId: answer.headers['x-request-id'],
      userId: user.id,
      apiKeyId: r.writer.key?.split('_')[1],
      address: '127.0.0.1',
    })
    await r.writer.post('/projects', { name: 'asked for' }, { 'x-request-id': 'run-42.a' })
    const [named] = (await getPage(r.reader, '/events', { kind: 'project.create', limit: 1 })).items
    expect(named?.['requestId']).toBe('run-42.a')
  })

  test.each(['a b', 'x'.repeat(200), '<script>', 'a\tb'])(
    'no request id such as %j, which is not fit to be one',
    async id => {
      const answer = await r.writer.post('/projects', { name: 'p' }, { 'x-request-id': id })
      const [event] = (await getPage(r.reader, '/events', { limit: 1 })).items
      expect(event?.['requestId']).toBe(answer.headers['x-request-id'])
      expect(event?.['requestId']).not.toBe(id)
    },
  )
})

describe('the filters', () => {
  const FILTERS: Array<[string, (event: Item, of: { userId: string }) => boolean]> = [
    ['kind=version.commit', ({ kind }) => kind === 'version.commit'],
    ['kind=version', () => false],
    ['version=1', ({ version }) => version === '1'],
    ['version=2', ({ version }) => version === '2'],
    ['version=3', () => false],
    ['alias=prod', ({ subject }) => isAlias(subject, 'prod')],
    ['alias=test', ({ subject }) => isAlias(subject, 'test')],
    // The subject of other events, but of no alias.
    ['alias=a', () => false],
    ['alias=1', () => false],
    ['userId=trainer', ({ userId }, of) => userId === of.userId],
    ['userId=trainer&kind=alias.set', ({ userId, kind }, of) => userId === of.userId && kind === 'alias.set'],
    ['kind=file.put&version=2', ({ kind, version }) => kind === 'file.put' && version === '2'],
    ['alias=prod&version=1', ({ subject, version }) => isAlias(subject, 'prod') && version === '1'],
    ['alias=prod&kind=alias.delete', () => false],
  ]
  const isAlias = (subject: unknown, id: string) => JSON.stringify(subject) === JSON.stringify({ id, kind: 'alias' })

  let of: { id: string; userId: string }
  let all: Item[]
  beforeAll(async () => {
    // Another one that is just alike, whose events must not get in.
    await liveThrough()
    of = await liveThrough()
    all = await walk(r.reader, `/models/${of.id}/events`, { limit: 120 })
    expect(all).toHaveLength(12)
  })

  test.each(FILTERS)('narrow the feed of a model, and that of the team, to %s', async (filter, matches) => {
    const query = Object.fromEntries(new URLSearchParams(filter.replace('trainer', of.userId)))
    const expected = all.filter(event => matches(event, of))
    for (const limit of [2, 50]) {
      expect(await walk(r.reader, `/models/${of.id}/events`, { ...query, limit })).toEqual(expected)
      expect(await walk(r.reader, '/events', { ...query, modelId: of.id, limit })).toEqual(expected)
    }
    const ascending = await walk(r.reader, '/events', { ...query, modelId: of.id, limit: 1, order: 'asc' })
    expect(ascending).toEqual(expected.toReversed())
  })

  test.each(['kind=alias.set', 'userId=trainer', 'version=1', 'alias=prod'])(
    'narrow the feed of the team to %s without a model, too',
    async filter => {
      const query = Object.fromEntries(new URLSearchParams(filter.replace('trainer', of.userId)))
      const everything = await walk(r.reader, '/events', { limit: 120 })
      const found = await walk(r.reader, '/events', { ...query, limit: 7 })
      expect(found.length).toBeGreaterThan(0)
      const ids = new Set(found.map(({ id }) => id))
      expect(everything.filter(({ id }) => ids.has(id))).toEqual(found)
      const [name = '', value] = filter.replace('trainer', of.userId).split('=')
      const isFound = (event: Item) => (name === 'alias' ? isAlias(event['subject'], 'prod') : event[name] === value)
      expect(found).toEqual(everything.filter(isFound))
    },
  )

  test('a cursor goes on only with the filters, the feed and the order it came from', async () => {
    const { nextPage } = await getPage(r.reader, '/events', { kind: 'alias.set', limit: 1 })
    expect((await getPage(r.reader, '/events', { kind: 'alias.set', limit: 1, after: nextPage })).items).toHaveLength(1)
    for (const path of [
      '/events?',
      '/events?kind=file.put&',
      '/events?kind=alias.set&order=asc&',
      `/events?kind=alias.set&modelId=${of.id}&`,
      `/models/${of.id}/events?kind=alias.set&`,
    ]) {
      expect((await r.reader.get(`${path}after=${nextPage}`)).statusCode, path).toBe(400)
    }
    expect((await r.stranger.get(`/events?kind=alias.set&after=${nextPage}`)).statusCode).toBe(400)
  })
})

describe('what is gone', () => {
  test('a model: its own feed with it, but not what the team was told', async () => {
    const { id } = await liveThrough()
    const before = await walk(r.reader, `/models/${id}/events`)
    await r.writer.delete(`/models/${id}`)
    for (const moment of ['before', 'after']) {
      expect((await r.reader.get(`/models/${id}/events`)).statusCode, moment).toBe(404)
      const [deletion, ...rest] = await walk(r.reader, '/events', { modelId: id })
      expect(deletion).toMatchObject({ kind: 'model.delete', details: { name: 'renamed' } })
      expect(rest).toEqual(before)
      await finishJobs(r.app)
    }
  })

  test('a user: what they did stays theirs', async () => {
    const { id, userId } = await liveThrough()
    const before = await walk(r.reader, '/events', { modelId: id, userId })
    expect(before.length).toBeGreaterThan(0)
    await r.admin.delete(`/users/${userId}`)
    expect(await walk(r.reader, '/events', { modelId: id, userId })).toEqual(before)
  })
})

test('one team is told nothing of another, whatever it asks for', async () => {
  const { id, userId } = await liveThrough()
  await r.writer.put(`/models/${id}`, { isPublic: true })
  for (const query of [{ modelId: id }, { userId }, { alias: 'prod' }, { version: 1 }, { kind: 'model.update' }]) {
    expect(await walk(r.stranger, '/events', query), JSON.stringify(query)).toEqual([])
  }
})

describe('while more happens', () => {
  test('an ascending walk goes on with it, and misses and repeats nothing', async () => {
    const [last] = (await getPage(r.reader, '/events', { limit: 1 })).items
    const made: unknown[] = []
    const more = async () => {
      if (made.length < 12) made.push(await makeModel(), await makeModel())
    }
    await more()
    const walked = await walk(r.reader, '/events', { order: 'asc', limit: 40 }, more)
    await more()
    const all = await walk(r.reader, '/events', { order: 'asc', limit: 120 })
    expect(walked).toEqual(all.slice(0, walked.length))
    const begin = all.findIndex(({ id }) => id === last?.['id'])
    expect(all.slice(begin + 1).map(({ modelId }) => modelId)).toEqual(made)
  })

  test('a descending walk shows what was there when it began', async () => {
    const before = await walk(r.reader, '/events', { limit: 120 })
    const walked = await walk(r.reader, '/events', { limit: 50 }, () => makeModel())
    expect(walked).toEqual(before)
  })

  test('a reader that asks again with the last cursor it got hears of all that many write at once', async () => {
    const kind = 'project.update'
    const projects = await Promise.all([1, 2, 3, 4, 5, 6].map(() => r.writer.post('/projects', { name: 'p' })))
    const write = async (id: string) => {
      for (let index = 0; index < 15; index += 1) await r.writer.put(`/projects/${id}`, { name: `p ${index}` })
    }
    let isWriting = true
    const writing = Promise.all(projects.map(project => write(project.json().id))).then(() => {
      isWriting = false
    })
    const heard: unknown[] = []
    let after: string | null = null
    for (;;) {
      const isLast = !isWriting
      // The page after the last cursor may have grown since it was read.
      const page: PageBody = await getPage(r.reader, '/events', {
        kind,
        order: 'asc',
        limit: 4,
        ...(after && { after }),
      })
      const known = new Set(heard)
      heard.push(...page.items.map(({ id }) => id).filter(id => !known.has(id)))
      after = page.nextPage ?? after
      await setImmediate()
      if (isLast && !page.hasMore) break
    }
    await writing
    expect(heard).toEqual((await walk(r.reader, '/events', { kind, order: 'asc' })).map(({ id }) => id))
    expect(heard).toHaveLength(6 * 15 + 1)
  })
})
