/** A connection breaks while a commit is on its way: the answer says that nobody knows, and nothing is done twice. */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Cut, type CuttingProxy, startCuttingProxy } from '../../support/cutting-proxy.ts'
import { postgresqlServer } from '../../support/databases.ts'
import { createDatabase, dropDatabase } from '../../support/postgresql-databases.ts'
import { startTwo, type TwoRegistries } from '../../support/two-registries.ts'

const UNKNOWN = {
  statusCode: 503,
  headers: { 'retry-after': '1' },
  message: expect.stringContaining('the change may have been kept or not; look before you repeat it'),
}

let url: string
let proxy: CuttingProxy
let two: TwoRegistries
beforeAll(async () => {
  url = await createDatabase(postgresqlServer() ?? '')
  proxy = await startCuttingProxy(url)
  two = await startTwo({ HOLOTYPE_DATABASE_URL: proxy.url }, {}, { expectsFailures: true })
})
afterAll(async () => {
  await two[Symbol.asyncDispose]()
  await proxy[Symbol.asyncDispose]()
  await dropDatabase(url)
})

const shown = (answer: { statusCode: number; headers: object; json(): { message: string } }) => ({
  statusCode: answer.statusCode,
  headers: answer.headers,
  message: answer.json().message,
})

const modelsNamed = async (name: string) =>
  (await two.right.admin.get(`/models?name=${encodeURIComponent(name)}`)).json().items

test.for<[Cut, number]>([
  ['after', 1],
  ['before', 0],
])('a creation whose connection breaks %s the commit is there %i times', async ([cut, times]) => {
  const name = `cut ${cut}`
  const done = proxy.cutCommit(cut, 'insert into "models"')
  expect(shown(await two.left.admin.post('/models', { name }))).toMatchObject(UNKNOWN)
  await done
  await expect.poll(() => modelsNamed(name), { timeout: 10_000 }).toHaveLength(times)
  // Work goes on at once, on another connection.
  expect((await two.left.admin.post('/models', { name: `${name}, later` })).statusCode).toBe(200)
  expect(await modelsNamed(name)).toHaveLength(times)
})

test.for<Cut>(['after', 'before'])(
  'a creation with an Idempotency-Key, cut %s the commit, is done once when it is sent again',
  async cut => {
    const name = `repeated ${cut}`
    const send = () => two.left.admin.post('/models', { name }, { 'idempotency-key': name })
    const done = proxy.cutCommit(cut, 'insert into "models"')
    expect(shown(await send())).toMatchObject(UNKNOWN)
    await done
    const again = await send()
    expect(again.statusCode).toBe(200)
    expect((await modelsNamed(name)).map(({ id }: { id: string }) => id)).toEqual([again.json().id])
  },
)

test('of many at the same time, each is there at most once, and those that were answered are there', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `many ${index}`)
  const done = proxy.cutCommit('after', 'insert into "models"', 1)
  const answers = await Promise.all(names.map(name => two.left.admin.post('/models', { name })))
  await done
  expect(answers.filter(({ statusCode }) => statusCode === 503).length).toBeGreaterThan(0)
  for (const [index, { statusCode }] of answers.entries()) {
    expect([200, 503]).toContain(statusCode)
    const { length } = await modelsNamed(names[index] ?? '')
    expect(length).toBeLessThanOrEqual(1)
    if (statusCode === 200) expect(length).toBe(1)
  }
})

test.for<Cut>(['after', 'before'])('an upload cut %s its last commit keeps its bytes or is cleared away', async cut => {
  const { id } = (await two.left.admin.post('/models', { name: 'uploads' })).json()
  await two.left.admin.post(`/models/${id}/versions`)
  const draft = `/models/${id}/versions/1`
  const bytes = `bytes cut ${cut}`
  const before = await two.storedBytes()
  const done = proxy.cutCommit(cut, 'insert into "files"')
  expect(shown(await two.left.admin.put(`${draft}/files/f`, bytes))).toMatchObject(UNKNOWN)
  await done
  await two.finishJobs()
  const file = await two.right.admin.get(`${draft}/files/f`)
  if (cut === 'after') expect([file.statusCode, file.body]).toEqual([200, bytes])
  else expect(file.statusCode).toBe(404)
  const isKept = cut === 'after' ? 1 : 0
  expect((await two.right.admin.get(draft)).json()).toMatchObject({ fileCount: isKept })
  expect(await two.storedBytes()).toHaveLength(before.length + isKept)
  const { read } = two.left.app.registry.db
  expect(await read.selectFrom('uploads').select('id').execute()).toEqual([])
  expect((await two.left.admin.put(`${draft}/files/g`, bytes)).statusCode).toBe(200)
})
