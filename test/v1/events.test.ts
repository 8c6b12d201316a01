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

  test('name the user and the key, and their ids count up', async () => {
    const id = await liveThrough()
    const { user } = (await r.writer.get('/auth/session')).json()
    const events = await walk(r.reader, `/models/${id}/events`, { order: 'asc', limit: 5 })
    const writer = r.writer.key?.split('_')[1]
    for (const event of events) expect(event).toMatchObject({ userId: user.id, apiKeyId: writer, modelId: id })
    const numbers = events.map(event => Number(/^ev(\d+)$/.exec(String(event['id']))?.[1]))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    expect(new Set(numbers).size).toBe(numbers.length)
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
