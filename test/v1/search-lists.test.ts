/** What a search finds while models change, with other filters, page by page, and among very many. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getPage, walk } from '../support/lists.ts'
import { type Caller, keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

async function make(model: Record<string, unknown>, caller = r.writer): Promise<string> {
  const answer = await caller.post('/models', { name: 'x', ...model })
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json().id
}

/** The ids of what is found, the oldest first. */
async function find(query: Record<string, unknown>, caller: Caller = r.reader): Promise<unknown[]> {
  return (await walk(caller, '/models', { order: 'asc', ...query })).map(({ id }) => id)
}

async function makeProject(): Promise<string> {
  return (await r.writer.post('/projects', { name: 'p' })).json().id
}

describe('what is found follows at once', () => {
  test('a rename and a change of the description', async () => {
    const id = await make({ name: 'before rename', description: 'old words' })
    for (const search of ['before rename', 'old words', 'BE']) expect(await find({ search })).toContain(id)
    await r.writer.put(`/models/${id}`, { name: 'after rename' })
    expect(await find({ search: 'before rename' })).not.toContain(id)
    for (const search of ['after rename', 'old words']) expect(await find({ search })).toEqual([id])
    await r.writer.put(`/models/${id}`, { description: 'new words' })
    expect(await find({ search: 'old words' })).toEqual([])
    expect(await find({ search: 'new words' })).toEqual([id])
    await r.writer.put(`/models/${id}`, { description: null })
    expect(await find({ search: 'new words' })).toEqual([])
    expect(await find({ search: 'after rename' })).toEqual([id])
  })

  test('a change that touches neither', async () => {
    const id = await make({ name: 'touched elsewhere' })
    await r.writer.put(`/models/${id}`, { isPublic: true })
    await keepModel(r.writer, {}, { name: 'another one' })
    expect(await find({ search: 'touched elsewhere' })).toEqual([id])
  })

  test('a delete', async () => {
    const ids = [await make({ name: 'deleted or not' }), await make({ name: 'deleted or not' })]
    await r.writer.delete(`/models/${ids[0]}`)
    for (const search of ['deleted or not', 'DE']) expect(await find({ search })).not.toContain(ids[0])
    expect(await find({ search: 'deleted or not' })).toEqual([ids[1]])
  })

  test('nothing that was refused', async () => {
    const id = await make({ name: 'refused change' })
    await make({ name: 'taken name' })
    await r.writer.put(`/models/${id}`, { name: 'taken name', uniqueName: true, description: 'refused words' })
    expect(await find({ search: 'refused words' })).toEqual([])
    expect(await find({ search: 'refused change' })).toEqual([id])
  })

  test('what many write at the same time', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, (_, index) => make({ name: `at once ${index}` })))
    await Promise.all(ids.slice(10).map(id => r.writer.delete(`/models/${id}`)))
    expect((await find({ search: 'at once' })).toSorted()).toEqual(ids.slice(0, 10).toSorted())
  })
})

describe('with hundreds of changes in between', () => {
  /** More than a database may gather before it writes them into its index. */
  const MODELS = 1300

  test('each change is found before and after it is in the index, in both orders', async () => {
    const ids: string[] = []
    for (let index = 0; index < MODELS; index += 100) {
      const names = Array.from({ length: 100 }, (_, offset) => `changing ${index + offset}.`)
      ids.push(...(await Promise.all(names.map(name => make({ name })))))
      expect(await getPage(r.reader, '/models', { search: `changing ${index + 7}.` })).toMatchObject({
        items: [{ id: ids[index + 7] }],
        hasMore: false,
      })
    }
    const renamed = ids.filter((_, index) => index % 10 === 3)
    const deleted = new Set(ids.filter((_, index) => index % 10 === 4))
    await Promise.all(renamed.map(id => r.writer.put(`/models/${id}`, { name: `renamed ${id}` })))
    await Promise.all([...deleted].map(id => r.writer.delete(`/models/${id}`)))
    const expected = ids.filter(id => !deleted.has(id) && !renamed.includes(id))
    expect((await find({ search: 'changing', limit: 100 })).toSorted()).toEqual(expected.toSorted())
    expect((await find({ search: 'renamed mo', limit: 7 })).toSorted()).toEqual(renamed.toSorted())
    const ascending = await find({ search: 'changing', limit: 120 })
    const descending = await find({ search: 'changing', limit: 120, order: 'desc' })
    expect(descending).toEqual(ascending.toReversed())
  })
})

test('a search stays within the team, public models or not', async () => {
  const mine = await make({ name: 'secret plan', isPublic: true })
  const theirs = await make({ name: 'secret plan', isPublic: true }, r.stranger)
  for (const search of ['secret plan', 'se', 'SECRET']) {
    expect(await find({ search })).toContain(mine)
    expect(await find({ search })).not.toContain(theirs)
    expect(await find({ search }, r.stranger)).toEqual([theirs])
  }
})

describe('with other filters', () => {
  test('a search narrows down further', async () => {
    const projectId = await makeProject()
    const ids = []
    for (const model of [{ projectId }, { projectId }, {}]) ids.push(await make({ name: 'narrow', ...model }))
    await make({ name: 'other', projectId })
    for (const search of ['narrow', 'NA']) {
      expect(await find({ search, projectId })).toEqual(ids.slice(0, 2))
      expect(await find({ search, name: 'narrow' })).toEqual(ids)
      expect(await find({ search, name: 'narrow', ownsName: true })).toEqual(ids.slice(0, 1))
      expect(await find({ search, name: 'other' })).toEqual([])
      expect(await find({ search, tag: 'best' })).toEqual([])
    }
    await r.writer.post(`/models/${ids[1]}/versions`, { tags: 'best' })
    await r.writer.post(`/models/${ids[2]}/versions`, { tags: 'best' })
    for (const search of ['narrow', 'NA']) {
      expect(await find({ search, tag: 'best' })).toEqual(ids.slice(1))
      expect(await find({ search, tag: 'best', projectId })).toEqual([ids[1]])
    }
  })
})

describe('page by page', () => {
  const HITS = 40

  /** Every third model is a hit, and among the hits some are of a project and a tag. */
  async function makeMany() {
    const projectId = await makeProject()
    const mark = `mark${projectId.slice(2, 6)}`
    const hits: string[] = []
    const ofProject: string[] = []
    for (let index = 0; index < HITS; index += 1) {
      const isOfProject = index % 4 === 0
      const id = await make({ name: `${mark} ${index}`, ...(isOfProject && { projectId }) })
      hits.push(id)
      if (isOfProject) ofProject.push(id)
      await make({ name: 'a miss' })
    }
    return { projectId, mark, hits, ofProject }
  }

  test('a search is complete and has nothing twice, in both orders, whatever the size of the page', async () => {
    const { projectId, mark, hits, ofProject } = await makeMany()
    for (const limit of [1, 3, 50]) {
      for (const order of ['asc', 'desc']) {
        const inOrder = (ids: string[]) => (order === 'asc' ? ids : ids.toReversed())
        expect(await find({ search: mark, limit, order })).toEqual(inOrder(hits))
        expect(await find({ search: mark, limit, order, projectId })).toEqual(inOrder(ofProject))
        // Too short for the index.
        expect(await find({ search: 'MA', limit, order, projectId })).toEqual(inOrder(ofProject))
      }
    }
  })

  test('a search stays so while others create, rename and delete', async () => {
    const { mark, hits } = await makeMany()
    const [deleted, renamed] = hits.slice(-2)
    let shown = 0
    const found = await walk(r.reader, '/models', { search: mark, limit: 3, order: 'asc' }, async () => {
      shown += 3
      // What has been shown, what is still to come, and what was no hit.
      await r.writer.delete(`/models/${hits[shown - 1]}`)
      await r.writer.put(`/models/${hits[shown - 2]}`, { name: 'no longer a hit' })
      await r.writer.delete(`/models/${deleted}`)
      await r.writer.put(`/models/${renamed}`, { name: 'no longer a hit' })
      await make({ name: 'a miss, and a new one' })
    })
    expect(found.map(({ id }) => id)).toEqual(hits.slice(0, -2))
  })

  test('a cursor of one search is none for another', async () => {
    const { mark } = await makeMany()
    const { nextPage } = await getPage(r.reader, '/models', { search: mark, limit: 1 })
    for (const search of ['other', mark.slice(1), '']) {
      const answer = await r.reader.get(`/models?search=${search}&limit=1&after=${nextPage}`)
      expect(answer.statusCode, search).toBe(400)
    }
    // The same search in other letters is the same search.
    const upper = await getPage(r.reader, '/models', { search: mark.toUpperCase(), limit: 1, after: nextPage })
    expect(upper.items).toHaveLength(1)
  })
})

describe('among very many models', () => {
  const MODELS = 45_000
  let big: TestRegistry
  let projectId: string
  const ids = { first: '', last: '' }

  beforeAll(async () => {
    big = await startRegistry()
    projectId = (await big.writer.post('/projects', { name: 'p' })).json().id
    ids.first = (await big.writer.post('/models', { name: 'zq first', projectId })).json().id
    await seedModels(big, ids.first, MODELS)
    ids.last = (await big.writer.post('/models', { name: 'last zq', projectId })).json().id
  })
  afterAll(() => big.close())

  test('a part that is too short for the index is looked for in bounded steps, and found', async () => {
    const page = await getPage(big.reader, '/models', { search: 'zq', limit: 1, order: 'asc' })
    expect(page).toMatchObject({ items: [{ id: ids.first }], hasMore: true })
    const second = await getPage(big.reader, '/models', { search: 'zq', order: 'asc', after: page.nextPage })
    expect(second).toMatchObject({ items: [], hasMore: true })
    for (const order of ['asc', 'desc']) {
      const found = order === 'asc' ? [ids.first, ids.last] : [ids.last, ids.first]
      expect(await find({ search: 'zq', order }, big.reader)).toEqual(found)
      expect(await find({ search: 'zq', order, projectId }, big.reader)).toEqual(found)
    }
  })

  test('a part that is in nearly all of them is found with a filter that few of them pass', async () => {
    for (const order of ['asc', 'desc']) {
      const found = await find({ search: 'seeded', order, name: 'seeded 22222' }, big.reader)
      expect(found).toHaveLength(1)
    }
    expect(await find({ search: 'seeded', projectId }, big.reader)).toEqual([])
  })

  test('a part that one of them has is found at once', async () => {
    const page = await getPage(big.reader, '/models', { search: 'seeded 22222' })
    expect(page).toMatchObject({ items: [{ name: 'seeded 22222' }], hasMore: false })
  })
})

/** Adds rows of models `seeded 1`, `seeded 2` and so on, of the team of another one, with the index that searches use. */
async function seedModels({ app }: TestRegistry, like: string, count: number): Promise<void> {
  const { db } = app.registry
  await db.transaction(async trx => {
    await sql`insert into models (id, team_id, name, is_public, created_at, modified_at, last_version, search_text)
      with recursive numbers (i) as (select 1 union all select i + 1 from numbers where i < ${sql.lit(count)})
      select 'moseeded' || i, team_id, 'seeded ' || i, 0, created_at, modified_at, 0, 'seeded ' || i
      from numbers cross join models where models.id = ${like} order by i`.execute(trx)
    const tables = await trx.introspection.getTables()
    if (!tables.some(({ name }) => name === 'models_search')) return
    await sql`insert into models_search (rowid, search_text)
      select (select seq from teams where teams.id = models.team_id) << 40 | seq, search_text
      from models where id like 'moseeded%'`.execute(trx)
  })
}
