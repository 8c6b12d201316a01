import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFakeS3 } from '../support/fake-s3.ts'
import { openS3Door, type S3Door } from '../support/s3-door.ts'
import { S3_ENVIRONMENT, S3_SECRET } from '../support/s3-registry.ts'
import { type Desk, run, startDesk } from './support.ts'

let desk: Desk
let door: S3Door
const fake = createFakeS3()

beforeAll(async () => {
  door = await openS3Door(fake.backend)
  desk = await startDesk(S3_ENVIRONMENT as Record<string, string>)
})
afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await door.close()
})

const bucket = () => ['--bucket', 'models', '--access-key', 'AK', '--endpoint', door.endpoint]
const create = (...options: string[]) =>
  desk.json(
    'storage-provider',
    'create',
    's3',
    '-n',
    'bucket',
    ...bucket(),
    '--secret-access-key',
    S3_SECRET,
    ...options,
  )

test('a bucket is made, used, changed and forgotten', async () => {
  const made = await create('--prefix', 'team', '--region', 'eu-central-1', '--checksums', 'none')
  expect(made).toMatchObject({
    name: 'bucket',
    isTeamDefault: false,
    s3Config: {
      prefix: 'team/',
      region: 'eu-central-1',
      checksums: 'none',
      pathStyle: true,
      secretAccessKey: '********',
    },
  })
  await desk.json('model', 'create', '-n', 'in a bucket', '-s', made.id)
  await desk.json('push', await desk.write('m', { 'w.bin': 'weights' }), 'in a bucket')
  expect([...fake.objects.values()].map(({ body }) => body.toString())).toContain('weights')
  expect((await desk.holotype('file', 'cat', 'in a bucket', 'w.bin')).stdout).toBe('weights')

  const refused = await desk.holotype('storage-provider', 'delete', made.id, '--yes')
  expect([refused.code, refused.stderr]).toEqual([expect.any(Number), expect.stringContaining('there are bytes in it')])
  expect(refused.code).not.toBe(0)

  const update = await desk.json('storage-provider', 'update', 's3', made.id, '-n', 'renamed', '--is-team-default')
  expect(update).toMatchObject({ name: 'renamed', isTeamDefault: true })
  const { items } = await desk.json('storage-provider', 'list', '--asc')
  await desk.json('storage-provider', 'update', 's3', items[0].id, '--is-team-default=true')
  expect(await desk.json('storage-provider', 'get', made.id)).toMatchObject({ isTeamDefault: false })

  const unused = await create('--prefix', 'unused')
  expect(await desk.holotype('storage-provider', 'delete', unused.id)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('there is no terminal to ask on'),
  })
  expect((await desk.holotype('storage-provider', 'delete', unused.id, '--yes')).stdout).toBe(
    `Deleted the storage provider "bucket" (${unused.id}).\n`,
  )
})

test('the secret can come from stdin, and is in no output', async () => {
  const words = [
    'storage-provider',
    'create',
    's3',
    '-n',
    'x',
    ...bucket(),
    '--prefix',
    'stdin',
    '--secret-access-key',
    '-',
  ]
  const made = await run(words, { env: desk.env, input: `${S3_SECRET}\n` })
  expect(made.code, made.stderr).toBe(0)
  expect(made.stdout + made.stderr).not.toContain(S3_SECRET)
})

test('what the store said is told', async () => {
  const { code, stderr } = await desk.holotype(
    ...['storage-provider', 'create', 's3', '-n', 'x', '--bucket', 'models', '--access-key', 'AK'],
    ...['--secret-access-key', S3_SECRET, '--endpoint', 'http://127.0.0.1:1'],
  )
  expect(code).not.toBe(0)
  expect(stderr).toContain('nothing answers at the endpoint')
})
