import { appendFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { queueJob, retryJobLater, takeJob } from '../../src/registry/jobs/queue.ts'
import { startUpload } from '../lifecycle/slow-upload.ts'
import { postgresqlServer } from '../support/databases.ts'
import { makeKey, makeRevokedKey } from '../support/people.ts'
import { exchange } from '../support/raw-http.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'
import { storedFiles } from '../support/stored-files.ts'
import { type Metrics, parseMetrics } from './parse-metrics.ts'

let r: TestRegistry
let url: string
let origin: string

beforeAll(async () => {
  r = await startRegistry()
  url = await r.listen()
  origin = new URL(url).origin
})
afterAll(() => r.close())

async function scrape(key = r.admin.key): Promise<Response> {
  return await fetch(`${origin}/metrics`, { headers: { ...(key !== undefined && { authorization: `Bearer ${key}` }) } })
}

async function read(): Promise<Metrics> {
  const answer = await scrape()
  expect(answer.status).toBe(200)
  return parseMetrics(await answer.text())
}

function get(path: string, key = r.reader.key): Promise<Response> {
  return fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } })
}

describe('who may read them', () => {
  test('an instance-admin key, as Prometheus sends it', async () => {
    const answer = await scrape()
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  })

  test('nobody without a key, and no other key', async () => {
    const without = await fetch(`${origin}/metrics`)
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(Object.keys((await without.json()) as object)).toEqual(['message'])
    for (const key of [r.reader.key, r.writer.key, r.stranger.key, (await makeKey(r, 'admin')).key]) {
      expect((await scrape(key)).status).toBe(403)
    }
    for (const key of ['nonsense', `${r.admin.key}x`, (await makeRevokedKey(r, 'admin')).key]) {
      expect((await scrape(key)).status).toBe(401)
    }
  })

  test('anyone, where the setting says so, whatever key is sent', async () => {
    await using open = await startRegistry({ HOLOTYPE_METRICS_OPEN: 'true' })
    for (const headers of [{}, { authorization: 'Bearer nonsense' }, { authorization: 'Basic eDp5' }]) {
      const answer = await open.app.server.inject({ url: '/metrics', headers })
      expect(answer.statusCode).toBe(200)
      expect(answer.body).toContain('holotype_info')
    }
  })
})

describe('what they tell', () => {
  test('requests by route pattern, method and class of status, with their durations', async () => {
    const { id } = await keepModel(r.writer)
    const before = await read()
    for (const path of [`/models/${id}`, `/models/${id}`, '/models/mo000000000000x']) await get(path)
    const after = await read()
    const grown = (status: string) => {
      const labels = { route: '/v1/models/:id', method: 'GET', status }
      return (
        after.value('holotype_http_request_duration_seconds_count', labels) -
        (before.find('holotype_http_request_duration_seconds_count', labels) ?? 0)
      )
    }
    expect([grown('2xx'), grown('4xx')]).toEqual([2, 1])
  })

  test('nothing that a caller chose becomes a label', async () => {
    await get('/nothing/at/all')
    const before = (await read()).series()
    for (let number = 0; number < 50; number++) {
      await get(`/nothing/${number}`)
      await fetch(`${origin}/elsewhere-${number}?q=${number}`)
      await get(`/models/mo${String(number).padStart(13, '0')}`)
    }
    await exchange(url, 'FOO /v1/models HTTP/1.1\r\nhost: x\r\n\r\n')
    expect((await read()).series()).toEqual(before)
  })

  test('an upload while it is under way, and the bytes that came', async () => {
    const { id } = (await r.writer.post('/models', { name: 'arriving' })).json()
    await r.writer.post(`/models/${id}/versions`)
    const before = await read()
    const upload = await startUpload(`${url}/models/${id}/versions/1/files/a.bin`, r.writer.key, 'x'.repeat(100_000))
    await expect.poll(async () => (await read()).value('holotype_uploads_in_progress')).toBe(1)
    // The scrape itself is one too.
    expect((await read()).value('holotype_http_requests_in_flight')).toBe(2)
    await upload.finish('end')
    const after = await read()
    expect(after.value('holotype_uploads_in_progress')).toBe(0)
    const name = 'holotype_http_received_bytes_total'
    expect(after.value(name) - before.value(name)).toBeGreaterThan(100_000)
  })

  test('refused logins, and not those without a key or with too small a role', async () => {
    const count = async () => (await read()).value('holotype_refused_logins_total')
    const before = await count()
    await get('/models', 'nonsense')
    await get('/models', `${r.reader.key}x`)
    await fetch(`${url}/models`)
    await get('/teams')
    expect((await count()) - before).toBe(2)
  })

  test('broken requests', async () => {
    const count = async () => (await read()).value('holotype_http_broken_requests_total')
    const before = await count()
    await exchange(url, 'nonsense\r\n\r\n')
    await exchange(url, 'GET /livez HTTP/1.1\r\nhost: x\r\nexpect: wonders\r\n\r\n')
    expect((await count()) - before).toBe(2)
  })

  test('commits, and how many transactions each had', async () => {
    const before = await read()
    await Promise.all(Array.from({ length: 20 }, (_, number) => r.writer.post('/models', { name: `m${number}` })))
    const after = await read()
    const grown = (name: string) => after.value(name) - before.value(name)
    expect(grown('holotype_commit_transactions_sum')).toBeGreaterThanOrEqual(20)
    expect(grown('holotype_commit_transactions_count')).toBeLessThanOrEqual(grown('holotype_commit_transactions_sum'))
  })

  test('jobs that ran', async () => {
    const { id } = await keepModel(r.writer)
    await r.writer.delete(`/models/${id}`)
    const runs = { kind: 'reclaim-model', outcome: 'done' }
    await expect
      .poll(async () => (await read()).find('holotype_job_runs_total', runs), { timeout: 10_000 })
      .toBeGreaterThan(0)
    const metrics = await read()
    expect(metrics.value('holotype_job_runs_total', { kind: 'reclaim-model', outcome: 'failed' })).toBe(0)
    expect(metrics.value('holotype_database_up')).toBe(1)
  })

  test('the pool of connections, on PostgreSQL alone', async () => {
    const metrics = await read()
    const open = ['idle', 'busy'].map(state => metrics.find('holotype_database_connections', { state }))
    if (postgresqlServer() === undefined) expect(open).toEqual([undefined, undefined])
    else {
      expect(Number(open[0]) + Number(open[1])).toBeGreaterThan(0)
      expect(metrics.value('holotype_database_connections_max')).toBe(10)
      expect(metrics.value('holotype_database_waiting')).toBe(0)
    }
  })

  test('in the form that scrapers read', async () => {
    const metrics = await read()
    metrics.requireSound()
    expect(metrics.value('holotype_store_free_bytes')).toBeGreaterThan(0)
    expect(metrics.value('process_cpu_seconds_total')).toBeGreaterThan(0)
    expect(metrics.find('holotype_info', { version: '0.1.0' })).toBe(1)
  })
})

test('jobs that are due and jobs that have failed are told', async () => {
  await using idle = await startRegistry({ HOLOTYPE_METRICS_OPEN: 'true' })
  await idle.app.worker.stop()
  const { registry } = idle.app
  await queueJob(registry, { kind: 'expire-uploads', key: 'all', payload: {} })
  await queueJob(registry, { kind: 'sweep-orphans', key: 'all', payload: {} })
  const taken = await takeJob(registry, 'sweep-orphans')
  if (!taken) throw new Error('the job is not there')
  await retryJobLater(registry, { ...taken, attempts: 10 })
  const metrics = parseMetrics((await idle.app.server.inject({ url: '/metrics' })).body)
  const read = (kind: string) => ['due', 'failing'].map(what => metrics.value(`holotype_jobs_${what}`, { kind }))
  expect([read('expire-uploads'), read('sweep-orphans')]).toEqual([
    [1, 0],
    [0, 1],
  ])
})

test('stored bytes and damage are told, from rows that are walked through page by page', async () => {
  await using damaged = await startRegistry({ HOLOTYPE_METRICS_OPEN: 'true' })
  const files = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`f${n}`, `${n}`.padStart(10)]))
  const { id } = await keepModel(damaged.writer, { ...files, 'again.bin': files['f1'] ?? '' })
  const readStored = async () => {
    const metrics = parseMetrics((await damaged.app.server.inject({ url: '/metrics' })).body)
    return [
      metrics.find('holotype_stored_blobs'),
      metrics.find('holotype_stored_bytes'),
      metrics.find('holotype_damaged_blobs'),
    ]
  }
  await expect.poll(readStored).toEqual([30, 300, 0])

  const [first] = await storedFiles(damaged.dataDir)
  await appendFile(String(first), 'more')
  for (const path of Object.keys(files)) await damaged.reader.get(`/models/${id}/versions/1/files/${path}`)
  const metrics = parseMetrics((await damaged.app.server.inject({ url: '/metrics' })).body)
  expect(metrics.value('holotype_damage_found_total')).toBe(1)
})
