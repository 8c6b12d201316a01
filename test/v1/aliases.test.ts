import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { walk } from '../support/lists.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

/** A model with committed versions 1 to `count`. */
async function makeModel(count = 2): Promise<{ id: string; aliases: string }> {
  const { id } = await keepModel(r.writer, { w: '1' })
  for (let number = 2; number <= count; number++) {
    await r.writer.post(`/models/${id}/versions`)
    await r.writer.put(`/models/${id}/versions/${number}/files/w`, String(number))
    await r.writer.put(`/models/${id}/versions/${number}`, { isCommitted: true })
  }
  return { id, aliases: `/models/${id}/aliases` }
}

describe('aliases', () => {
  test('point at a version, by its number in a string, its number, another alias, or latest', async () => {
    const { id, aliases } = await makeModel()
    for (const [version, target] of [
      ['1', '1'],
      [2, '2'],
      ['prod', '1'],
      ['latest', '2'],
    ] as const) {
      if (version === 'prod') await r.writer.put(`${aliases}/prod`, { version: 1 })
      const answer = await r.writer.put(`${aliases}/a`, { version })
      expect(answer.statusCode).toBe(200)
      expect(answer.json()).toMatchObject({ alias: 'a', modelId: id, version: target })
    }
  })

  test('have six fields in their order, and keep the time they were made when they move', async () => {
    const { id, aliases } = await makeModel()
    const made = (await r.writer.put(`${aliases}/prod`, { version: '1' })).json()
    const moved = await r.admin.put(`${aliases}/prod`, { version: '2' })
    const { dtModified, userId } = moved.json()
    expect(moved.body).toBe(
      `{"alias":"prod","dtCreated":"${made.dtCreated}","dtModified":"${dtModified}","modelId":"${id}","userId":"${userId}","version":"2"}`,
    )
    expect((await r.reader.get(`${aliases}/prod`)).body).toBe(moved.body)
    expect(await walk(r.reader, aliases)).toEqual([moved.json()])
  })

  test('say who last pointed them somewhere', async () => {
    const { aliases } = await makeModel()
    const user = (await r.admin.post('/users', { name: 'u' })).json()
    const { key } = (await r.admin.post('/api-keys', { name: 'k', role: 'writer', userId: user.id })).json()
    await r.writer.put(`${aliases}/prod`, { version: '1' })
    expect((await r.as(key).put(`${aliases}/prod`, { version: '1' })).json().userId).toBe(user.id)
  })

  test('can be deleted; the version stays', async () => {
    const { id, aliases } = await makeModel()
    await r.writer.put(`${aliases}/prod`, { version: '1' })
    expect((await r.writer.delete(`${aliases}/prod`)).body).toBe(`{"alias":"prod","modelId":"${id}"}`)
    expect((await r.writer.delete(`${aliases}/prod`)).json()).toEqual({
      code: 'NOT_FOUND',
      message: `model "${id}" has no alias "prod"`,
    })
    expect((await r.reader.get(`/models/${id}/versions/1`)).statusCode).toBe(200)
  })

  test('never point at a draft, nor at what does not exist', async () => {
    const { id, aliases } = await makeModel(1)
    await r.writer.post(`/models/${id}/versions`)
    const draft = await r.writer.put(`${aliases}/prod`, { version: '2' })
    expect(draft.statusCode).toBe(409)
    expect(draft.json()).toEqual({
      code: 'CONFLICT',
      message: 'version 2 is a draft; commit it before an alias points at it',
    })
    for (const version of ['3', '01', 'none', 0, -1]) {
      expect((await r.writer.put(`${aliases}/prod`, { version })).statusCode, String(version)).toBe(404)
    }
    for (const body of [{}, { version: null }, { version: 1.5 }, { version: ['1'] }, { version: true }, undefined]) {
      expect((await r.writer.put(`${aliases}/prod`, body)).statusCode, JSON.stringify(body)).toBe(400)
    }
    expect(await walk(r.reader, aliases)).toEqual([])
  })

  // S45
  test.each(['latest', 'Latest', 'LATEST', '1', '007', '2023', 'v1', 'a%2Fb', '%20a', 'é', 'x'.repeat(129)])(
    'the name %s is refused, and nothing is made',
    async name => {
      const { aliases } = await makeModel(1)
      const answer = await r.writer.put(`${aliases}/${encodeURI(decodeURIComponent(name)).replace('a/b', 'a%2Fb')}`, {
        version: '1',
      })
      expect(answer.statusCode).toBe(400)
      expect(answer.json().message).toMatch(/^alias /)
      expect(await walk(r.reader, aliases)).toEqual([])
    },
  )

  test('latest is computed: the newest committed version, also after that one is deleted', async () => {
    const { id, aliases } = await makeModel(2)
    const latest = async () => (await r.reader.get(`${aliases}/latest`)).json().version
    expect(await latest()).toBe('2')
    await r.writer.post(`/models/${id}/versions`)
    expect(await latest(), 'a draft does not count').toBe('2')
    await r.writer.delete(`/models/${id}/versions/2`)
    expect(await latest()).toBe('1')
    expect((await r.writer.delete(`${aliases}/latest`)).statusCode).toBe(404)
  })
})

describe('a version that an alias points at', () => {
  test('cannot be deleted until the alias moves away', async () => {
    const { id, aliases } = await makeModel()
    await r.writer.put(`${aliases}/prod`, { version: '1' })
    const refused = await r.writer.delete(`/models/${id}/versions/1`)
    expect(refused.statusCode).toBe(409)
    expect(refused.json()).toEqual({
      code: 'CONFLICT',
      message: 'the alias "prod" points at version 1; move or delete the alias first',
    })
    await r.writer.put(`${aliases}/prod`, { version: '2' })
    expect((await r.writer.delete(`/models/${id}/versions/1`)).statusCode).toBe(200)
  })

  test('survives a race between its deletion and the alias, or never gets the alias', async () => {
    for (let round = 0; round < 10; round++) {
      const { id, aliases } = await makeModel(2)
      const [set, removed] = await Promise.all([
        r.writer.put(`${aliases}/prod`, { version: '1' }),
        r.writer.delete(`/models/${id}/versions/1`),
      ])
      expect([
        [200, 409],
        [404, 200],
      ]).toContainEqual([set.statusCode, removed.statusCode])
      expect((await r.reader.get(`/models/${id}/versions/prod`)).statusCode).toBe(set.statusCode)
    }
  })
})

describe('moves that race', () => {
  test('fifty of them end where the last event says, and each event begins where the one before ended', async () => {
    const { id, aliases } = await makeModel(5)
    const moves = await Promise.all(
      Array.from({ length: 50 }, (_, index) => r.writer.put(`${aliases}/prod`, { version: String(1 + (index % 5)) })),
    )
    expect(new Set(moves.map(answer => answer.statusCode))).toEqual(new Set([200]))
    const events = (await walk(r.reader, `/models/${id}/events`, { order: 'asc', limit: 7 })).filter(
      event => event['kind'] === 'alias.set',
    )
    expect(events).toHaveLength(50)
    let before: unknown = null
    for (const { version, details } of events as Array<{
      version: string
      details: { previousVersion: number | null }
    }>) {
      expect(details.previousVersion).toBe(before)
      before = Number(version)
    }
    expect((await r.reader.get(`${aliases}/prod`)).json().version).toBe(String(before))
  })

  test('a reader never sees the alias missing while it moves', async () => {
    const { id, aliases } = await makeModel(2)
    await r.writer.put(`${aliases}/prod`, { version: '1' })
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        index % 2 === 0
          ? r.writer.put(`${aliases}/prod`, { version: String(1 + (index % 4) / 2) })
          : r.reader.get(`/models/${id}/versions/prod/files/w`),
      ),
    )
    for (const [index, answer] of answers.entries()) {
      expect(answer.statusCode).toBe(200)
      if (index % 2 === 1) expect(answer.body).toBe(answer.headers['x-holotype-version'])
    }
  })
})
