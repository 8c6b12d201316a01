/** Real processes of `holotype serve` over one database and one data directory. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { databaseEnvironment, postgresqlServer } from '../../support/databases.ts'
import { createDatabase, dropDatabase, runSql } from '../../support/postgresql-databases.ts'
import { type ServerProcess, serve } from '../server-process.ts'

async function temporaryDataDir(): Promise<AsyncDisposable & { dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'holotype-processes-'))
  return { dataDir, [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true, force: true }) }
}

async function call({ url }: ServerProcess, key: string, method: string, path: string, body?: object) {
  const answer = await fetch(`${url}/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

/** Ends all of them in order and answers the keys that they have shown. */
async function endAll(servers: ServerProcess[]): Promise<string[]> {
  expect(await Promise.all(servers.map(server => server.end('SIGTERM')))).toEqual(servers.map(() => 0))
  const outputs = await Promise.all(servers.map(server => server.output()))
  return outputs.flatMap(({ stdout }) => /API key: (\S+)/.exec(stdout)?.[1] ?? [])
}

test('three processes started at once on an empty database come up, and one shows the first key', async () => {
  await using temporary = await temporaryDataDir()
  const { dataDir } = temporary
  const start = () => Promise.all([serve(dataDir), serve(dataDir), serve(dataDir)])
  const keys = await endAll(await start())
  expect(keys).toHaveLength(1)
  const [key = ''] = keys

  const again = await start()
  const [first, second, third] = again
  const { body: made } = await call(first, key, 'POST', '/models', { name: 'shared' })
  const seen = await Promise.all([second, third].map(server => call(server, key, 'GET', `/models/${made['id']}`)))
  expect(seen.map(({ status }) => status)).toEqual([200, 200])
  expect(await endAll(again)).toEqual([])
})

test('a key that is in use all the time, by all processes, is revoked all the same', async () => {
  await using temporary = await temporaryDataDir()
  const { dataDir } = temporary
  const admin = `ht_ak0heavyuse0000_${'inheavyuse'.repeat(4)}`
  const env = { HOLOTYPE_ADMIN_KEY: admin, HOLOTYPE_LOG_LEVEL: 'silent' }
  await using left = await serve(dataDir, env)
  await using right = await serve(dataDir, env)
  const { body } = await call(left, admin, 'POST', '/api-keys', { name: 'busy', role: 'writer' })
  const made = { id: String(body['id']), key: String(body['key']) }
  let answered = 0
  let wasRevoked = false
  const late: number[] = []
  const write = async (server: ServerProcess) => {
    for (;;) {
      const beganLater = wasRevoked
      const { status } = await call(server, made.key, 'POST', '/models', { name: 'busy' })
      if (status === 401) return
      if (beganLater) late.push(status)
      answered += 1
    }
  }
  const writers = Array.from({ length: 24 }, (_, index) => write(index % 2 ? left : right))
  await expect.poll(() => answered, { timeout: 20_000 }).toBeGreaterThan(100)
  expect((await call(right, admin, 'DELETE', `/api-keys/${made.id}`)).status).toBe(200)
  wasRevoked = true
  const [{ last } = {}] = await eventsBy(dataDir, made.id)
  await Promise.all(writers)
  // Nothing that began after the answer was done, and nothing was written after it.
  expect(late).toEqual([])
  expect((await eventsBy(dataDir, made.id))[0]?.last).toBe(last)
})

async function eventsBy(dataDir: string, apiKeyId: string): Promise<Array<{ last: string }>> {
  const { HOLOTYPE_DATABASE_URL: url = '' } = await databaseEnvironment(dataDir)
  return await runSql(url, 'select max(seq) as last from events where api_key_id = $1', [apiKeyId])
}

test('two registries never share a data directory', async () => {
  const server = postgresqlServer() ?? ''
  const urls = [await createDatabase(server), await createDatabase(server)]
  for (let round = 0; round < 2; round++) {
    await using temporary = await temporaryDataDir()
    const start = (url: string | undefined) => serve(temporary.dataDir, { HOLOTYPE_DATABASE_URL: url })
    const started = await Promise.allSettled(urls.map(start))
    const running = started.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    const refused = started.flatMap(result => (result.status === 'rejected' ? [String(result.reason)] : []))
    for (const process of running) await process.end('SIGKILL')
    expect(running).toHaveLength(1)
    expect(refused).toEqual([expect.stringMatching(/the stored bytes are of the registry \S+, but the database is/)])
    if (round === 0) await Promise.all(urls.map(dropDatabase))
    if (round === 0) urls.splice(0, 2, await createDatabase(server), await createDatabase(server))
  }
})
