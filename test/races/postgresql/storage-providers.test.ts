/** Storage providers while another process uses or changes them. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFakeS3 } from '../../support/fake-s3.ts'
import { keepModel } from '../../support/registry.ts'
import { openS3Door, type S3Door } from '../../support/s3-door.ts'
import { ROUNDS, race, startTwo, type TwoRegistries } from '../../support/two-registries.ts'

let two: TwoRegistries
let door: S3Door
const fake = createFakeS3()

beforeAll(async () => {
  door = await openS3Door(fake.backend)
  two = await startTwo({
    HOLOTYPE_S3_ALLOWED_ENDPOINTS: '127.0.0.0/8',
    HOLOTYPE_SECRET_KEY: randomBytes(32).toString('base64'),
  })
})
afterAll(async () => {
  await two[Symbol.asyncDispose]()
  await door.close()
})

let prefixes = 0
const body = (changes: Record<string, unknown> = {}) => ({
  name: 'bucket',
  storageProviderType: 's3',
  s3Config: {
    bucket: 'models',
    prefix: `p${++prefixes}`,
    endpoint: door.endpoint,
    accessKey: 'AK',
    secretAccessKey: 'SK',
  },
  ...changes,
})
const create = async (changes: Record<string, unknown> = {}) =>
  (await two.left.admin.post('/storage-providers', body(changes))).json()

test('what one process makes and changes, the other uses as it is now', async () => {
  const { id, s3Config } = await create()
  const model = await keepModel(two.right.admin, { w: 'from the right' }, { storageProviderId: id })
  const file = `/models/${model.id}/versions/1/files/w`
  expect((await two.left.admin.get(file)).body).toBe('from the right')
  const keys: string[] = []
  door.fault = ({ headers }) => {
    keys.push(/Credential=(\w+)/.exec(String(headers.authorization))?.[1] ?? '')
    return undefined
  }
  const fresh = { s3Config: { ...s3Config, accessKey: 'FRESH', secretAccessKey: 'other' } }
  expect((await two.left.admin.put(`/storage-providers/${id}`, fresh)).statusCode).toBe(200)
  keys.length = 0
  expect((await two.right.admin.get(file)).body).toBe('from the right')
  expect(new Set(keys)).toEqual(new Set(['FRESH']))
  door.fault = () => undefined
  await two.right.admin.delete(`/models/${model.id}`)
  await two.finishJobs()
  expect((await two.left.admin.delete(`/storage-providers/${id}`)).statusCode).toBe(200)
})

test('a provider that is deleted while a model is made on it: one of the two is refused', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { id } = await create()
    const { statuses, bodies } = await race(
      () => two.left.admin.delete(`/storage-providers/${id}`),
      () => two.right.admin.post('/models', { name: 'm', storageProviderId: id }),
    )
    expect([
      [200, 404],
      [409, 200],
    ]).toContainEqual(statuses)
    if (statuses[1] === 200) await two.left.admin.delete(`/models/${bodies[1].id}`)
  }
})

test('of two that become the default at once, one is', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const [one, other] = [await create(), await create()]
    const { statuses } = await race(
      () => two.left.admin.put(`/storage-providers/${one.id}`, { isTeamDefault: true }),
      () => two.right.admin.put(`/storage-providers/${other.id}`, { isTeamDefault: true }),
    )
    expect(statuses).toEqual([200, 200])
    const { items } = (await two.left.admin.get('/storage-providers?limit=120')).json()
    expect(items.filter((provider: { isTeamDefault: boolean }) => provider.isTeamDefault)).toHaveLength(1)
  }
})

test('of two that change a provider at once, none is lost: the later one sees the first or is refused', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { id } = await create()
    const { statuses } = await race(
      () => two.left.admin.put(`/storage-providers/${id}`, { name: 'left' }),
      () => two.right.admin.put(`/storage-providers/${id}`, { s3Config: { region: 'eu-west-1' } }),
    )
    const { name, s3Config } = (await two.left.admin.get(`/storage-providers/${id}`)).json()
    const expected = {
      name: statuses[0] === 200 ? 'left' : 'bucket',
      region: statuses[1] === 200 ? 'eu-west-1' : 'us-east-1',
    }
    expect({ name, region: s3Config.region }).toEqual(expected)
    expect(statuses.every(status => status === 200 || status === 409)).toBe(true)
  }
})
