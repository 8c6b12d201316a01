/**
 * The database goes away under a running server, in every way it can: requests are refused soon and in words, the process stays, and all goes on
 * by itself when the database is back.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, runSql } from '../../support/postgresql-databases.ts'
import { type PostgresqlServer, startPostgresql } from '../../support/postgresql-server.ts'
import { type ServerProcess, serve } from '../server-process.ts'

const KEY = `ht_ak0outages00000_${'outage'.repeat(6)}`
/** Longer than any answer should take, in ms: an answer that doesn't come must not hang the test. */
const PATIENCE = 20_000

let dataDir: string
let postgresql: PostgresqlServer
/** For a superuser, and for the server: a role whose connections can be refused. */
let superuserUrl: string
let server: ServerProcess

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'holotype-outage-'))
  postgresql = await startPostgresql()
  superuserUrl = await createDatabase(postgresql.url)
  const database = new URL(superuserUrl).pathname.slice(1)
  await runSql(superuserUrl, 'create role app login')
  await runSql(superuserUrl, `alter database ${database} owner to app`)
  const url = new URL(superuserUrl)
  url.username = 'app'
  server = await serve(dataDir, {
    HOLOTYPE_DATABASE_URL: url.href,
    HOLOTYPE_ADMIN_KEY: KEY,
    HOLOTYPE_RECLAIM_GRACE_SECONDS: '0',
  })
})
afterAll(async () => {
  await server.end('SIGKILL')
  await postgresql.close()
  await rm(dataDir, { recursive: true, force: true })
})

interface Answer {
  status: number
  retryAfter: string | null
  body: Record<string, unknown>
}

async function call(method: string, path: string, body?: object | string): Promise<Answer> {
  const isJson = typeof body === 'object'
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${KEY}`, ...(isJson && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: isJson ? JSON.stringify(body) : body }),
    signal: AbortSignal.timeout(PATIENCE),
  })
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: JSON.parse(await answer.text()) }
}

async function makeDraft(): Promise<string> {
  const { body } = await call('POST', '/v1/models', { name: 'm' })
  await call('POST', `/v1/models/${body['id']}/versions`)
  return `/v1/models/${body['id']}/versions/1`
}

const unavailable = { status: 503, retryAfter: '1', body: { code: expect.any(String), message: expect.any(String) } }

/** Reads and writes, more of them than there are connections. */
async function expectOutage(draft: string): Promise<void> {
  const reads = Array.from({ length: 15 }, () => call('GET', '/v1/models'))
  const writes = Array.from({ length: 15 }, () => call('POST', '/v1/models', { name: 'during the outage' }))
  const upload = call('PUT', `${draft}/files/during`, 'bytes')
  const answers = await Promise.all([...reads, ...writes, upload])
  expect(answers).toEqual(answers.map(() => unavailable))
  expect(await call('GET', '/readyz')).toMatchObject({ status: 503, retryAfter: '1' })
  expect((await call('GET', '/livez')).status).toBe(200)
}

/** Everything works again, jobs too, and nothing was kept of what was refused. */
async function expectRecovery(draft: string): Promise<void> {
  const status = async (path: string) => (await call('GET', path)).status
  await expect.poll(() => status('/readyz'), { timeout: PATIENCE, interval: 100 }).toBe(200)
  await expect.poll(() => status('/v1/models'), { timeout: PATIENCE, interval: 100 }).toBe(200)
  expect((await call('GET', '/v1/models?name=during%20the%20outage')).body['items']).toEqual([])
  expect((await call('PUT', `${draft}/files/after`, `after ${draft}`)).status).toBe(200)
  expect((await call('DELETE', draft)).status).toBe(200)
  await expect.poll(storedBytes, { timeout: 30_000, interval: 100 }).toEqual([])
  expect(server.child.exitCode).toBeNull()
}

async function storedBytes(): Promise<string[]> {
  const entries = await readdir(dataDir, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile() && entry.name.startsWith('bl')).map(({ name }) => name)
}

/** The processes of the PostgreSQL server that work for the registry, and the one that starts new ones. */
async function findProcesses(): Promise<number[]> {
  const [{ main } = { main: '' }] = await runSql<{ main: string }>(
    superuserUrl,
    `select split_part(pg_read_file('postmaster.pid'), e'\\n', 1) as main`,
  )
  const backends = await runSql<{ pid: number }>(superuserUrl, `select pid from pg_stat_activity where usename = 'app'`)
  return [Number(main), ...backends.map(({ pid }) => pid)]
}

/** Cuts the connections of the registry, in use or not. */
async function killConnections(): Promise<void> {
  await runSql(superuserUrl, `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'`)
}

test.for(['immediate', 'fast'] as const)('the database is stopped (%s) and started', async mode => {
  const draft = await makeDraft()
  await postgresql.stop(mode)
  await expectOutage(draft)
  await postgresql.start()
  await expectRecovery(draft)
})

test('the database hangs', async () => {
  const draft = await makeDraft()
  const processes = await findProcesses()
  for (const pid of processes) process.kill(pid, 'SIGSTOP')
  try {
    await expectOutage(draft)
  } finally {
    for (const pid of processes) process.kill(pid, 'SIGCONT')
  }
  await expectRecovery(draft)
})

test('the database refuses further connections', async () => {
  const draft = await makeDraft()
  await runSql(superuserUrl, 'alter role app connection limit 0')
  await killConnections()
  try {
    await expectOutage(draft)
  } finally {
    await runSql(superuserUrl, 'alter role app connection limit -1')
  }
  await expectRecovery(draft)
})

test('connections are cut again and again under load: each answer is right or says that it is not', async () => {
  const draft = await makeDraft()
  let isOver = false
  const statuses = new Set<number>()
  const kept: unknown[] = []
  const write = async () => {
    while (!isOver) {
      const { status, body } = await call('POST', '/v1/models', { name: 'under cuts' })
      statuses.add(status)
      if (status === 200) kept.push(body['id'])
      statuses.add((await call('GET', '/v1/models')).status)
    }
  }
  const load = Array.from({ length: 8 }, write)
  for (let round = 0; round < 15; round++) {
    await killConnections()
    await new Promise(resolve => setTimeout(resolve, Math.random() * 100))
  }
  isOver = true
  await Promise.all(load)
  expect([...statuses].toSorted()).toEqual([200, 503])
  const rows = await runSql<{ id: string }>(superuserUrl, `select id from models where name = 'under cuts'`)
  const ids = new Set(rows.map(({ id }) => id))
  expect(kept.filter(id => !ids.has(String(id)))).toEqual([])
  await expectRecovery(draft)
})

test('the process has come through all this, and ends in order', async () => {
  expect(await server.end('SIGTERM')).toBe(0)
  const { stderr } = await server.output()
  expect(stderr).not.toMatch(/unhandled|uncaught/i)
})
