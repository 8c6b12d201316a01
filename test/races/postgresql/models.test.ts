/** Two processes change one model, its versions, its aliases or its project at the same moment. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROUNDS, race, startTwo, type TwoRegistries } from '../../support/two-registries.ts'

let two: TwoRegistries
beforeAll(async () => {
  two = await startTwo()
})
afterAll(() => two[Symbol.asyncDispose]())

async function makeModel(name = 'raced', versions = 0): Promise<string> {
  const { id } = (await two.left.admin.post('/models', { name })).json()
  for (let number = 1; number <= versions; number++) {
    await two.left.admin.post(`/models/${id}/versions`)
    await two.left.admin.put(`/models/${id}/versions/${number}`, { isCommitted: true })
  }
  return `/models/${id}`
}

const get = async (path: string) => (await two.right.admin.get(path)).json()

test('an alias never points at a deleted version', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const model = await makeModel('aliased', 1)
    const { statuses } = await race(
      () => two.left.admin.delete(`${model}/versions/1`),
      () => two.right.admin.put(`${model}/aliases/production`, { version: '1' }),
    )
    expect([
      [200, 404],
      [409, 200],
    ]).toContainEqual(statuses)
    const { items } = await get(`${model}/aliases`)
    const isThere = (await two.left.admin.get(`${model}/versions/1`)).statusCode === 200
    expect(items.length).toBe(isThere ? 1 : 0)
  }
})

test('an alias moved by both at once moves twice, one after the other', async () => {
  const model = await makeModel('aliased', 2)
  // Its history is read in one page.
  const rounds = Math.min(ROUNDS, 60)
  for (let round = 0; round < rounds; round++) {
    const { statuses } = await race(
      () => two.left.admin.put(`${model}/aliases/production`, { version: '1' }),
      () => two.right.admin.put(`${model}/aliases/production`, { version: '2' }),
    )
    expect(statuses).toEqual([200, 200])
  }
  const { items } = await get(`${model}/events?kind=alias.set&order=asc&limit=120`)
  const moves = items.map(({ version, details }: { version: string; details: { previousVersion: unknown } }) => [
    Number(version),
    details.previousVersion === null ? null : Number(details.previousVersion),
  ])
  expect(moves).toHaveLength(2 * rounds)
  // The history is a chain: each move begins where the one before ended.
  for (const [index, [, from]] of moves.entries()) expect(from).toBe(index === 0 ? null : moves[index - 1][0])
  expect((await get(`${model}/aliases/production`)).version).toBe(String(moves.at(-1)[0]))
})

test('different fields of a model and of a version, changed at once, both stay', async () => {
  const model = await makeModel('fields', 1)
  for (let round = 0; round < ROUNDS; round++) {
    const text = `round ${round}`
    const models = await race(
      () => two.left.admin.put(model, { name: text }),
      () => two.right.admin.put(model, { description: text }),
    )
    const versions = await race(
      () => two.left.admin.put(`${model}/versions/1`, { message: text }),
      () => two.right.admin.put(`${model}/versions/1`, { tags: text }),
    )
    expect([models.statuses, versions.statuses].flat()).toEqual([200, 200, 200, 200])
    expect(await get(model)).toMatchObject({ name: text, description: text })
    expect(await get(`${model}/versions/1`)).toMatchObject({ message: text, tags: [text] })
  }
})

test('versions made by both at once have numbers of their own', async () => {
  const model = await makeModel()
  const seen = new Set<string>()
  for (let round = 0; round < ROUNDS; round++) {
    const { statuses, bodies } = await race(
      () => two.left.admin.post(`${model}/versions`),
      () => two.right.admin.post(`${model}/versions`),
    )
    expect(statuses).toEqual([200, 200])
    for (const { version } of bodies) seen.add(version)
  }
  expect(seen.size).toBe(2 * ROUNDS)
})

test('a model deleted under an upload or a new version: done before, or not found', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const model = await makeModel()
    await two.left.admin.post(`${model}/versions`)
    const other =
      round % 2
        ? () => two.right.admin.put(`${model}/versions/1/files/a`, `bytes ${round}`)
        : () => two.right.admin.post(`${model}/versions`)
    const { statuses } = await race(() => two.left.admin.delete(model), other)
    expect(statuses[0]).toBe(200)
    expect([200, 404]).toContain(statuses[1])
    await two.finishJobs()
  }
  expect(await two.storedBytes()).toEqual([])
  const { read } = two.left.app.registry.db
  expect(await read.selectFrom('files').select('path').execute()).toEqual([])
  const left = await read.selectFrom('versions').innerJoin('models', 'models.id', 'versions.model_id')
  expect(await left.select('number').where('models.deleted_at', 'is not', null).execute()).toEqual([])
})

test('a project deleted while a model is put into it or taken out: done before, or not found', async () => {
  const model = await makeModel()
  const id = model.slice('/models/'.length)
  for (let round = 0; round < ROUNDS; round++) {
    const project = (await two.left.admin.post('/projects', { name: 'raced' })).json()
    const path = `/projects/${project.id}/models`
    if (round % 3 === 1) await two.left.admin.post(`${path}/${id}`)
    const others = [
      () => two.right.admin.post(`${path}/${id}`),
      () => two.right.admin.delete(`${path}/${id}`),
      () => two.right.admin.post('/models', { name: 'in it', projectId: project.id }),
    ] as const
    const { statuses } = await race(
      () => two.left.admin.delete(`/projects/${project.id}`),
      others[round % 3] ?? others[0],
    )
    expect(statuses[0]).toBe(200)
    expect([200, 404]).toContain(statuses[1])
    expect((await two.left.admin.get(model)).json().projectId ?? null).toBeNull()
  }
  const { read } = two.left.app.registry.db
  expect(await read.selectFrom('models').select('id').where('project_id', 'is not', null).execute()).toEqual([])
})

test('a unique name that both want is given once', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const wanted = { name: `wanted ${round}`, uniqueName: true }
    const { statuses, bodies } = await race(
      () => two.left.admin.post('/models', wanted),
      () => two.right.admin.post('/models', wanted),
    )
    expect(statuses.toSorted()).toEqual([200, 409])
    const winner = bodies[statuses.indexOf(200)]
    expect(JSON.stringify(bodies[statuses.indexOf(409)])).toContain(winner.id)
  }
})

test('a name that both models are renamed to belongs to one of them', async () => {
  const [one, other] = [await makeModel('one'), await makeModel('other')]
  for (let round = 0; round < ROUNDS; round++) {
    const name = `free ${round}`
    const { statuses } = await race(
      () => two.left.admin.put(one, { name }),
      () => two.right.admin.put(other, { name }),
    )
    expect(statuses).toEqual([200, 200])
    const owners = await two.left.app.registry.db.read
      .selectFrom('models')
      .select('id')
      .where('owned_name', '=', name)
      .execute()
    expect(owners).toHaveLength(1)
  }
})

test('a unique name that is given up at the same moment is owned, or refused', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const name = `given up ${round}`
    const model = await makeModel(name)
    const { statuses, bodies } = await race(
      () => (round % 2 ? two.left.admin.delete(model) : two.left.admin.put(model, { name: `renamed ${round}` })),
      () => two.right.admin.post('/models', { name, uniqueName: true }),
    )
    expect(statuses[0]).toBe(200)
    expect([200, 409]).toContain(statuses[1])
    const owners = await two.left.app.registry.db.read
      .selectFrom('models')
      .select('id')
      .where('owned_name', '=', name)
      .execute()
    expect(owners.map(({ id }) => id)).toEqual(statuses[1] === 200 ? [bodies[1].id] : [])
  }
})
