import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { walk } from '../support/lists.ts'
import { type Caller, keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
/** A public model: version 1 is committed, version 2 is a draft, version 3 is committed and called `prod`. */
let open: string
/** The same, but private. */
let closed: string
beforeAll(async () => {
  r = await startRegistry()
  open = await makeModel(true)
  closed = await makeModel(false)
})
afterAll(() => r.close())

async function makeModel(isPublic: boolean): Promise<string> {
  const { id } = await keepModel(r.writer, { w: 'one' }, { isPublic })
  for (const version of ['2', '3']) {
    await r.writer.post(`/models/${id}/versions`)
    await r.writer.put(`/models/${id}/versions/${version}/files/w`, version)
  }
  await r.writer.put(`/models/${id}/versions/3`, { isCommitted: true })
  await r.writer.put(`/models/${id}/aliases/prod`, { version: '3' })
  return id
}

const readable = ['', '/versions', '/versions/1', '/versions/1/files', '/versions/1/files/w', '/versions/1/archive']
const named = ['/versions/prod', '/versions/latest/files/w', '/aliases', '/aliases/prod', '/aliases/latest']

describe('a public model', () => {
  test.each([...readable, ...named])('is readable by every valid key: %s', async path => {
    for (const caller of [r.reader, r.stranger]) {
      expect((await caller.get(`/models/${open}${path}`)).statusCode).toBe(200)
      expect((await caller.call('HEAD', `/models/${open}${path}`)).statusCode).toBe(200)
    }
    expect((await r.nobody.get(`/models/${open}${path}`)).statusCode).toBe(401)
  })

  test('shows other teams only what was committed', async () => {
    const numbers = async (caller: Caller) =>
      (await walk(caller, `/models/${open}/versions`)).map(version => version['version'])
    expect(await numbers(r.reader)).toEqual(['3', '2', '1'])
    expect(await numbers(r.stranger)).toEqual(['3', '1'])
    for (const path of ['', '/files', '/files/w', '/archive']) {
      expect((await r.reader.get(`/models/${open}/versions/2${path}`)).statusCode, path).toBe(200)
      const hidden = await r.stranger.get(`/models/${open}/versions/2${path}`)
      expect(hidden.json(), path).toEqual({ code: 'NOT_FOUND', message: `model "${open}" has no version "2"` })
    }
  })

  test.each<['PUT' | 'POST' | 'DELETE', string, unknown?]>([
    ['PUT', '', { name: 'stolen' }],
    ['DELETE', ''],
    ['POST', '/versions'],
    ['PUT', '/versions/1', { message: 'stolen' }],
    ['DELETE', '/versions/1'],
    ['PUT', '/versions/2/files/w', 'stolen'],
    ['DELETE', '/versions/2/files/w'],
    ['PUT', '/aliases/prod', { version: '1' }],
    ['DELETE', '/aliases/prod'],
  ])('cannot be changed by another team: %s %s is 403', async (method, path, body) => {
    const before = await snapshot()
    const answer = await r.stranger.call(method, `/models/${open}${path}`, body)
    expect(answer.statusCode).toBe(403)
    expect(answer.json()).toEqual({ code: 'FORBIDDEN', message: `model "${open}" belongs to another team` })
    expect(await snapshot()).toEqual(before)
  })

  async function snapshot() {
    const paths = ['', '/versions', '/versions/2/files', '/aliases', '/events']
    return await Promise.all(paths.map(async path => (await r.reader.get(`/models/${open}${path}`)).body))
  }

  test('cannot be put into another team’s project', async () => {
    const project = (await r.stranger.post('/projects', { name: 'p' })).json()
    expect((await r.stranger.post(`/projects/${project.id}/models/${open}`)).statusCode).toBe(403)
    expect((await r.stranger.delete(`/projects/${project.id}/models/${open}`)).statusCode).toBe(403)
  })

  test('is gone for other teams as soon as it is private', async () => {
    const { id } = await keepModel(r.writer, { w: 'w' }, { isPublic: true })
    expect((await r.stranger.get(`/models/${id}/versions/1/files/w`)).statusCode).toBe(200)
    await r.writer.put(`/models/${id}`, { isPublic: false })
    expect((await r.stranger.get(`/models/${id}/versions/1/files/w`)).statusCode).toBe(404)
  })
})

describe('a private model of another team', () => {
  // API1: word for word what an id gets that never was.
  test.each([...readable, ...named, '/versions/2', '/events', '/nothing'])('does not exist: %s', async path => {
    const theirs = await r.stranger.get(`/models/${closed}${path}`)
    const none = await r.stranger.get(`/models/monone0000000${path}`)
    expect(theirs.statusCode).toBe(404)
    expect(theirs.body.replaceAll(closed, '?')).toBe(none.body.replaceAll('monone0000000', '?'))
  })

  test('does not exist for a conditional or a partial download either', async () => {
    for (const headers of [{ 'if-none-match': '*' }, { range: 'bytes=0-' }, { 'if-match': '"x"' }]) {
      expect((await r.stranger.get(`/models/${closed}/versions/1/files/w`, headers)).statusCode).toBe(404)
    }
  })
})
