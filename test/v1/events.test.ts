import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getPage, walk } from '../support/lists.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

const sha256 = createHash('sha256').update('abc').digest('hex')

/** A model that everything has happened to. */
async function liveThrough(): Promise<string> {
  const { id } = (await r.writer.post('/models', { name: 'm' })).json()
  const path = `/models/${id}`
  await r.writer.put(path, { name: 'renamed', isPublic: true })
  await r.writer.post(`${path}/versions`)
  await r.writer.put(`${path}/versions/1/files/a`, 'abc')
  await r.writer.put(`${path}/versions/1/files/b`, 'abc')
  await r.writer.delete(`${path}/versions/1/files/b`)
  await r.writer.put(`${path}/versions/1`, { message: 'm', isCommitted: true })
  await r.writer.put(`${path}/versions/1`, { tags: 'x' })
  await r.writer.put(`${path}/aliases/prod`, { version: '1' })
  await r.writer.put(`${path}/aliases/prod`, { version: '1' })
  await r.writer.delete(`${path}/aliases/prod`)
  await r.writer.delete(`${path}/versions/1`)
  return id
}

describe('the events of a model', () => {
  test('tell all that happened, in order, with what it was about', async () => {
    const id = await liveThrough()
    const events = await walk(r.reader, `/models/${id}/events`, { order: 'asc' })
    const digest = createHash('sha256').update(`${sha256}  3  a\n`).digest('hex')
    expect(events.map(({ kind, version, details }) => [kind, version, details])).toEqual([
      ['model.create', null, { name: 'm' }],
      ['model.update', null, { name: 'renamed', isPublic: true }],
      ['version.create', '1', {}],
      ['file.put', '1', { path: 'a', size: 3, sha256 }],
      ['file.put', '1', { path: 'b', size: 3, sha256 }],
      ['file.delete', '1', expect.objectContaining({ path: 'b' })],
      ['version.update', '1', { changed: ['message'] }],
      ['version.commit', '1', { digest, fileCount: 1, usageBytes: 3 }],
      ['version.update', '1', { changed: ['tags'] }],
      ['alias.set', '1', { alias: 'prod', previousVersion: null, digest }],
      ['alias.set', '1', { alias: 'prod', previousVersion: 1, digest }],
      ['alias.delete', '1', { alias: 'prod' }],
      ['version.delete', '1', { digest }],
    ])
  })

  test('name the user, the key and the request, and their ids tell nothing', async () => {
    const id = await liveThrough()
    const { user } = (await r.writer.get('/auth/session')).json()
    await r.writer.put(`/models/${id}`, { name: 'once more' }, { 'x-request-id': 'run-7' })
    const events = await walk(r.reader, `/models/${id}/events`, { order: 'asc', limit: 5 })
    const writer = r.writer.key?.split('_')[1]
    for (const event of events) {
      expect(event).toMatchObject({ userId: user.id, apiKeyId: writer, modelId: id, address: '127.0.0.1' })
      expect(event['requestId']).toMatch(/^[A-Za-z0-9._-]{1,64}$/)
      expect(event['id']).toMatch(/^ev[0-9a-z]{13}$/)
    }
    expect(events.at(-1)).toMatchObject({ kind: 'model.update', requestId: 'run-7' })
    expect(new Set(events.map(event => event['id'])).size).toBe(events.length)
  })

  test('say what they are about', async () => {
    const id = await liveThrough()
    const events = await walk(r.reader, `/models/${id}/events`)
    const subjects = new Map(events.map(({ kind, subject }) => [kind, subject]))
    expect(subjects.get('model.create')).toEqual({ id, kind: 'model' })
    expect(subjects.get('version.commit')).toEqual({ id: '1', kind: 'version' })
    expect(subjects.get('file.delete')).toEqual({ id: 'b', kind: 'file' })
    expect(subjects.get('alias.set')).toEqual({ id: 'prod', kind: 'alias' })
  })

  test.each<[string, (event: Record<string, unknown>) => boolean]>([
    ['kind=file.put', event => event['kind'] === 'file.put'],
    ['kind=nothing.happened', () => false],
    ['version=1', event => event['version'] === '1'],
    ['version=2', () => false],
    ['alias=prod', event => String(event['kind']).startsWith('alias.')],
    ['userId=us0000000000000', () => false],
    ['kind=alias.set&version=1', event => event['kind'] === 'alias.set'],
  ])('can be narrowed by %s', async (filter, matches) => {
    const id = await liveThrough()
    const all = await walk(r.reader, `/models/${id}/events`)
    const query = Object.fromEntries(new URLSearchParams(filter))
    expect(await walk(r.reader, `/models/${id}/events`, { ...query, limit: 2 })).toEqual(all.filter(matches))
  })

  test('come newest first unless asked otherwise', async () => {
    const id = await liveThrough()
    expect((await getPage(r.reader, `/models/${id}/events`)).items[0]).toMatchObject({ kind: 'version.delete' })
  })

  test('do not tell of what was refused', async () => {
    const id = await liveThrough()
    const before = (await walk(r.reader, `/models/${id}/events`)).length
    await r.writer.put(`/models/${id}`, { name: '' })
    await r.reader.put(`/models/${id}`, { name: 'x' })
    await r.stranger.put(`/models/${id}`, { name: 'x' })
    await r.writer.put(`/models/${id}/aliases/prod`, { version: '7' })
    await r.writer.put(`/models/${id}/versions/7/files/a`, 'x')
    expect(await walk(r.reader, `/models/${id}/events`)).toHaveLength(before)
  })

  test('are only for the team that owns the model, public or not', async () => {
    const id = await liveThrough()
    const refused = await r.stranger.get(`/models/${id}/events`)
    expect(refused.statusCode).toBe(403)
    expect(refused.json().code).toBe('FORBIDDEN')
    await r.writer.put(`/models/${id}`, { isPublic: false })
    expect((await r.stranger.get(`/models/${id}/events`)).statusCode).toBe(404)
  })

  // S69: what people write is data, in whatever form it comes.
  test('keep hostile names as data', async () => {
    const name = '<script>alert(1)</script> {"kind":"model.delete"} \u202e'
    const { id } = (await r.writer.post('/models', { name })).json()
    const [event] = await walk(r.reader, `/models/${id}/events`)
    expect(event).toMatchObject({ kind: 'model.create', details: { name } })
  })
})

describe('the events of a team', () => {
  test('have those of its models, also of deleted ones, and what belongs to none', async () => {
    const id = await liveThrough()
    await r.writer.delete(`/models/${id}`)
    const ofModel = await walk(r.reader, '/events', { modelId: id, order: 'asc' })
    expect(ofModel[0]).toMatchObject({ kind: 'model.create', modelId: id })
    expect(ofModel.at(-1)).toMatchObject({ kind: 'model.delete', modelId: id, subject: { id, kind: 'model' } })
    const project = (await r.writer.post('/projects', { name: 'p' })).json()
    expect((await getPage(r.reader, '/events', { limit: 1 })).items[0]).toMatchObject({
      kind: 'project.create',
      modelId: null,
      subject: { id: project.id, kind: 'project' },
      details: { name: 'p' },
      version: null,
    })
  })

  test('come newest first, and page by page without a gap', async () => {
    await liveThrough()
    const all = await walk(r.reader, '/events', { limit: 120 })
    expect(await walk(r.reader, '/events', { limit: 7 })).toEqual(all)
    expect(await walk(r.reader, '/events', { order: 'asc' })).toEqual(all.toReversed())
  })

  test('have nothing of another team', async () => {
    const id = await liveThrough()
    expect(await walk(r.stranger, '/events', { modelId: id })).toEqual([])
    const { team } = (await r.stranger.get('/auth/session')).json()
    for (const { details, subject } of await walk(r.stranger, '/events')) {
      expect(JSON.stringify([details, subject])).not.toContain(id)
    }
    expect(team.id).not.toBe((await r.reader.get('/auth/session')).json().team.id)
  })

  test('can be narrowed by who did it', async () => {
    const user = (await r.admin.post('/users', { name: 'Trainer' })).json()
    const { key } = (await r.admin.post('/api-keys', { name: 'k', role: 'writer', userId: user.id })).json()
    await r.as(key).post('/projects', { name: 'of the trainer' })
    const events = await walk(r.reader, '/events', { userId: user.id })
    expect(events.map(({ kind, details }) => [kind, details])).toEqual([['project.create', { name: 'of the trainer' }]])
  })

  test.each(['version=x', 'version=0', 'limit=0'])('are refused for %s', async query => {
    expect((await r.reader.get(`/events?${query}`)).statusCode).toBe(400)
  })
})
