import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { looksLikeDate } from '../support/dates.ts'
import { getPage, walk } from '../support/lists.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

/** What happens between two pages, decided by the property's own dice. */
interface Run {
  limit: number
  order: 'asc' | 'desc'
  first: number
  changes: Array<{ kind: 'create' | 'delete' | 'update'; pick: number }>
}

const anyRun: fc.Arbitrary<Run> = fc.record({
  limit: fc.integer({ min: 1, max: 7 }),
  order: fc.constantFrom('asc', 'desc'),
  first: fc.integer({ min: 0, max: 15 }),
  changes: fc.array(
    fc.record({ kind: fc.constantFrom('create', 'delete', 'update'), pick: fc.nat() }) as fc.Arbitrary<
      Run['changes'][number]
    >,
    { minLength: 30, maxLength: 30 },
  ),
})

/** A list whose items come and go, by the ids (or paths) that tell them apart. */
interface LivingList {
  path: string
  idOf(item: Record<string, unknown>): string
  create(): Promise<string>
  remove(id: string): Promise<unknown>
  update(id: string): Promise<unknown>
}

/** Pages through the list while it changes: two changes after each page. */
async function pageWhileChanging(list: LivingList, run: Run, query: Record<string, unknown>): Promise<void> {
  // At once, so that many are created in the same millisecond.
  const alive = new Set(await Promise.all(Array.from({ length: run.first }, () => list.create())))
  const throughout = new Set(alive)
  const changes = [...run.changes]
  const change = async () => {
    const { kind, pick } = changes.pop() ?? { kind: 'update', pick: 0 }
    const id = [...alive][pick % Math.max(alive.size, 1)]
    if (kind === 'create' && changes.length > 0) alive.add(await list.create())
    else if (id !== undefined && kind === 'update') await list.update(id)
    else if (id !== undefined) {
      await list.remove(id)
      alive.delete(id)
      throughout.delete(id)
    }
  }
  const seen = await walk(r.writer, list.path, query, async () => {
    await change()
    await change()
  })
  const ids = seen.map(list.idOf)
  expect(new Set(ids).size, 'nothing is shown twice').toBe(ids.length)
  expect(
    [...throughout].filter(id => !ids.includes(id)),
    'nothing that was there throughout is left out',
  ).toEqual([])
}

async function check(makeList: () => Promise<LivingList>, runs: number, isOrdered = true): Promise<void> {
  await fc.assert(
    fc.asyncProperty(anyRun, async run => {
      const query = isOrdered ? { limit: run.limit, order: run.order } : { limit: run.limit }
      await pageWhileChanging(await makeList(), run, query)
    }),
    { numRuns: runs, seed: 7, endOnFailure: true },
  )
}

const idOf = (item: Record<string, unknown>) => String(item['id'])

describe('pages stay complete and free of duplicates while the list changes', () => {
  test('models', async () => {
    await check(async () => {
      const { id: projectId } = (await r.writer.post('/projects', { name: 'p' })).json()
      return {
        path: `/projects/${projectId}/models`,
        idOf,
        create: async () => (await r.writer.post('/models', { isPublic: false, name: 'm', projectId })).json().id,
        remove: id => r.writer.delete(`/models/${id}`),
        update: id => r.writer.put(`/models/${id}`, { name: 'renamed' }),
      }
    }, 12)
  })

  test('versions', async () => {
    await check(async () => {
      const { id } = (await r.writer.post('/models', { isPublic: false, name: 'm' })).json()
      return {
        path: `/models/${id}/versions`,
        idOf: item => String(item['version']),
        create: async () => (await r.writer.post(`/models/${id}/versions`)).json().version,
        remove: version => r.writer.delete(`/models/${id}/versions/${version}`),
        update: version => r.writer.put(`/models/${id}/versions/${version}`, { message: 'x' }),
      }
    }, 6)
  })

  test('aliases, which move', async () => {
    await check(async () => {
      const { id } = (await r.writer.post('/models', { isPublic: false, name: 'm' })).json()
      await r.writer.post(`/models/${id}/versions`)
      await r.writer.put(`/models/${id}/versions/1`, { isCommitted: true })
      let count = 0
      const set = (alias: string) => r.writer.put(`/models/${id}/aliases/${alias}`, { version: '1' })
      return {
        path: `/models/${id}/aliases`,
        idOf: item => String(item['alias']),
        create: async () => (await set(`alias-${count++}`)).json().alias,
        remove: alias => r.writer.delete(`/models/${id}/aliases/${alias}`),
        update: set,
      }
    }, 6)
  })

  test('files of a draft, sorted by path', async () => {
    await check(
      async () => {
        const { id } = (await r.writer.post('/models', { isPublic: false, name: 'm' })).json()
        await r.writer.post(`/models/${id}/versions`)
        const files = `/models/${id}/versions/1/files`
        let count = 0
        const put = async (path: string) => (await r.writer.put(`${files}/${path}`, 'x')).json().path
        return {
          path: files,
          idOf: item => String(item['path']),
          // Neither in order nor in one folder.
          create: () => put(`${'cab'[count % 3]}/${(count++ * 7) % 23}-${count}.bin`),
          remove: path => r.writer.delete(`${files}/${path}`),
          update: put,
        }
      },
      6,
      false,
    )
  })
})

describe('cursors', () => {
  test('of every list begin with a letter and never look like a date', async () => {
    const { id } = (await r.writer.post('/models', { isPublic: false, name: 'm' })).json()
    for (let count = 0; count < 2; count++) {
      await r.writer.post(`/models/${id}/versions`)
      await r.writer.put(`/models/${id}/versions/1/files/2023-0${count}`, 'x')
      await r.writer.post('/projects', { name: 'p' })
    }
    for (const path of ['/models', '/projects', '/api-keys', '/teams']) await expectGoodCursor(path)
    for (const path of ['/versions', '/versions/1/files', '/events']) await expectGoodCursor(`/models/${id}${path}`)
  })

  async function expectGoodCursor(path: string): Promise<void> {
    const { nextPage } = await getPage(r.admin, path, { limit: 1 })
    expect(nextPage, path).toMatch(/^[a-z][A-Za-z0-9_-]*$/)
    expect(looksLikeDate(String(nextPage)), path).toBe(false)
  }

  test('still work after the item they stand at is gone', async () => {
    const { id: projectId } = (await r.writer.post('/projects', { name: 'p' })).json()
    const ids: string[] = []
    for (let count = 0; count < 3; count++) {
      ids.unshift((await r.writer.post('/models', { isPublic: false, name: 'm', projectId })).json().id)
    }
    const { nextPage } = await getPage(r.reader, '/models', { projectId, limit: 1 })
    await r.writer.delete(`/models/${ids[0]}`)
    const rest = await getPage(r.reader, '/models', { projectId, after: nextPage })
    expect(rest.items.map(idOf)).toEqual(ids.slice(1))
  })
})

test('our own lists have pages of up to 1,000 items, those of the family of up to 120', async () => {
  const { id } = (await r.writer.post('/models', { name: 'long' })).json()
  await r.writer.post(`/models/${id}/versions`)
  const ours = [
    `/models/${id}/versions`,
    `/models/${id}/versions/1/files`,
    `/models/${id}/aliases`,
    `/models/${id}/events`,
    '/events',
    '/api-keys',
    '/users',
    '/teams',
  ]
  for (const path of ours) {
    expect((await r.admin.get(`${path}?limit=1000`)).statusCode, path).toBe(200)
    const refused = await r.admin.get(`${path}?limit=1001`)
    expect(refused.json().message, path).toBe('limit must be a whole number from 1 to 1000')
  }
  for (const path of ['/models', '/projects', '/storage-providers']) {
    expect((await r.admin.get(`${path}?limit=120`)).statusCode, path).toBe(200)
    expect((await r.admin.get(`${path}?limit=121`)).statusCode, path).toBe(400)
  }
})
