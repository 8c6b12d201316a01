/** The owner of the machine makes keys directly in the database, with no other key: beside a running server, and without one. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run, serve } from '../lifecycle/server-process.ts'
import { databaseEnvironment } from '../support/databases.ts'

const KEY = `ht_ak0localkey0000_${'localkey'.repeat(4)}`

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'holotype-local-key-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

const createKey = (...args: string[]) =>
  run(['key', 'create', '--name', 'rescue', '--local', '--json', '--data-dir', dataDir, ...args])

async function call(url: string, key: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, ...(init.body && { 'content-type': 'application/json' }) }
  return await fetch(`${url}/v1${path}`, { ...init, headers })
}

const post = (body: object) => ({ method: 'POST', body: JSON.stringify(body) })

test('an instance-admin key made beside a running server works at once, and can replace the first one', async () => {
  await using server = await serve(dataDir, { HOLOTYPE_ADMIN_KEY: KEY })
  const made = await createKey('--role', 'admin', '--instance-admin')
  expect(made).toMatchObject({ code: 0, stderr: 'Keep the key now: it is shown only this once.\n' })
  const answer = JSON.parse(made.stdout)
  expect(answer).toMatchObject({
    name: 'rescue',
    role: 'admin',
    isInstanceAdmin: true,
    team: 'default',
    dtExpires: null,
  })
  expect((await call(server.url, answer.key, '/teams', post({ namespace: 'new' }))).status).toBe(200)
  expect((await call(server.url, answer.key, `/api-keys/${KEY.split('_')[1]}`, { method: 'DELETE' })).status).toBe(200)
  expect((await call(server.url, KEY, '/models')).status).toBe(401)
  const events = await (await call(server.url, answer.key, '/events?kind=api-key.create')).json()
  expect(events).toMatchObject({ items: [{ userId: null, apiKeyId: null, subject: { id: answer.id } }] })
})

test('a key for any team is made without a server, with a role and an end', async () => {
  const first = await serve(dataDir, { HOLOTYPE_ADMIN_KEY: KEY })
  expect((await call(first.url, KEY, '/teams', post({ namespace: 'vision' }))).status).toBe(200)
  await first.end('SIGTERM')
  const made = await createKey('--role', 'writer', '--team', 'vision', '--expires', '2d')
  expect(made.code).toBe(0)
  const { key, dtExpires } = JSON.parse(made.stdout)
  expect(Date.parse(dtExpires)).toBeGreaterThan(Date.now() + 86_400_000)
  await using server = await serve(dataDir)
  const session = await (await call(server.url, key, '/auth/session')).json()
  expect(session).toMatchObject({ team: { namespace: 'vision' } })
  expect((await call(server.url, key, '/api-keys')).status).toBe(403)
})

test('what can not be made is said, and nothing is', async () => {
  await (await serve(dataDir)).end('SIGTERM')
  for (const [args, code, message] of [
    [['--role', 'admin', '--team', 'nobody'], 4, 'team "nobody" does not exist'],
    [['--role', 'admin', '--user', 'usnobody'], 4, 'user "usnobody" does not exist'],
    [['--role', 'reader', '--instance-admin'], 2, 'role of an instance-admin key must be "admin"'],
    [['--role', 'admin', '--expires', '2020-01-01'], 2, 'must be in the future'],
  ] as const) {
    const refused = await createKey(...args)
    expect(refused).toMatchObject({ code, stdout: '' })
    expect(JSON.parse(refused.stderr).message).toContain(message)
  }
})

test('without a registry there is no key', async () => {
  const refused = await createKey('--role', 'admin')
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toMatch(/there is no registry in|the database is at step 0/)
})

test('with PostgreSQL the stored bytes need not be in reach', async () => {
  await using server = await serve(dataDir)
  const database = await databaseEnvironment(dataDir)
  if (database.HOLOTYPE_DATABASE_URL === undefined) return
  const elsewhere = await mkdtemp(join(tmpdir(), 'holotype-local-key-'))
  const made = await run(['key', 'create', '--name', 'k', '--role', 'reader', '--local', '--json'], {
    ...database,
    HOLOTYPE_DATA_DIR: elsewhere,
  })
  expect(made.code).toBe(0)
  expect((await call(server.url, JSON.parse(made.stdout).key, '/models')).status).toBe(200)
  await rm(elsewhere, { recursive: true })
})
