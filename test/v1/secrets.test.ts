/** S50: no key ever shows up anywhere but in the answer that makes it: not in the log, not in the database, not in an event. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dumpDatabase } from '../support/databases.ts'
import { faultyDatabase } from '../support/faults.ts'
import { walk } from '../support/lists.ts'
import { collectLogs } from '../support/logs.ts'
import { exchange } from '../support/raw-http.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

const logs = collectLogs()
const database = faultyDatabase()
let dataDir: string
let r: TestRegistry
let url: string
/** Every key and every text that went into a query string. */
const secrets: string[] = []

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'holotype-secrets-'))
  const env = { HOLOTYPE_DATA_DIR: dataDir, HOLOTYPE_ADMIN_KEY: `ht_ak0123456789abc_${'presetsecret'.repeat(4)}` }
  r = await startRegistry(env, { logger: logs.logger, openDatabase: database.openDatabase })
  url = await r.listen()
  await useEverything()
  await breakThings()
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

/** Calls with keys of every kind, in the header and, as `pspace project list` (1.x) does, in the query. */
async function useEverything(): Promise<void> {
  const once = { 'idempotency-key': 'once' }
  const made = (await r.admin.post('/api-keys', { name: 'k', role: 'writer' }, once)).json()
  const team = (await r.admin.post('/teams', { namespace: 'logged' }, { 'idempotency-key': 'once more' })).json()
  for (const caller of [r.admin, r.writer, r.reader, r.stranger]) secrets.push(secretOf(caller.key))
  secrets.push(secretOf(made.key), secretOf(team.apiKey.key), 'queryvalue4711')
  const { id } = await keepModel(r.as(made.key))
  for (const key of [made.key, r.reader.key]) {
    for (const path of ['/projects', `/models/${id}`, '/nothing', '/models/x', '/auth/session']) {
      await r.reader.get(`${path}?json=true&api-key=${key}&other=queryvalue4711`)
      await r.nobody.get(`${path}?api-key=${key}&other=queryvalue4711`)
    }
  }
  await r.admin.delete(`/api-keys/${made.id}`)
  await r.as(made.key).get('/models')
}

/** Calls that fail in every way, each with a key or a query that must not be told on. */
async function breakThings(): Promise<void> {
  const wrong = `${r.reader.key?.slice(0, 19)}${'wrongsecret'.repeat(4)}`
  secrets.push('wrongsecret')
  await r.as(wrong).get('/models?a=queryvalue4711')
  await r.as('not a key wrongsecret').get('/models')
  await r.reader.get(`/models/%ZZ?api-key=${r.reader.key}`)
  await r.reader.get(`/models/${'x'.repeat(5000)}?api-key=${r.reader.key}`)
  await r.reader.get(`/models?limit=0&api-key=${r.reader.key}`)
  await r.reader.call('PATCH', `/models?api-key=${r.reader.key}`)
  await r.writer.post(`/models?api-key=${r.writer.key}`, '{')
  database.failure = new Error('the database is gone')
  expect((await r.writer.post(`/models?api-key=${r.writer.key}`, { name: 'x' })).statusCode).toBe(500)
  database.failure = undefined
  await exchange(url, `GET /v1/models?api-key=${r.reader.key} HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n`)
}

function secretOf(key: string | undefined): string {
  const secret = key?.split('_').slice(2).join('_') ?? ''
  expect(secret.length).toBeGreaterThanOrEqual(32)
  return secret
}

test('no list and no event shows a secret', async () => {
  const { id } = await keepModel(r.writer)
  const shown = [
    ...(await walk(r.admin, '/api-keys')),
    ...(await walk(r.admin, '/teams')),
    ...(await walk(r.admin, '/storage-providers')),
    ...(await walk(r.admin, `/models/${id}/events`)),
  ]
  const text = JSON.stringify(shown)
  expect(shown.length).toBeGreaterThan(6)
  expect(secrets.filter(secret => text.includes(secret))).toEqual([])
  expect(text).not.toMatch(/"(key|secret|secretSha256|secret_sha256)":/)
})

test('no metric has a secret, an id or a path that a caller chose', async () => {
  const { id } = await keepModel(r.writer)
  const headers = { authorization: `Bearer ${r.admin.key}` }
  await fetch(`${url}/models/${id}`, { headers })
  await fetch(`${url}/chosen-by-the-caller?api-key=queryvalue4711`, { headers })
  const metrics = (await r.app.server.inject({ url: '/metrics', headers })).body
  expect(metrics).toContain('route="/v1/models/:id"')
  expect(metrics).not.toContain(id)
  expect(metrics).not.toContain('chosen-by-the-caller')
  expect(secrets.filter(secret => metrics.includes(secret))).toEqual([])
})

test('no log line has a secret or a query string, at the most talkative level', () => {
  const text = logs.text()
  expect(text, 'there is something to look through').toContain('request failed')
  expect(secrets.filter(secret => text.includes(secret))).toEqual([])
  expect(text).not.toContain('api-key=')
  expect(text).not.toContain('?')
})

test('no file in the data directory has a secret, once everything is written down', async () => {
  await r.close()
  const entries = await readdir(dataDir, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) {
    const bytes = await readFile(file)
    expect(
      secrets.filter(secret => bytes.includes(secret)),
      file,
    ).toEqual([])
  }
})

test('no table of the database has a secret', async () => {
  const rows = await dumpDatabase(dataDir)
  expect(rows).toContain('first admin key')
  expect(secrets.filter(secret => rows.includes(secret))).toEqual([])
})
