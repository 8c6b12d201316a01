/** Metrics for operators, in the text format that Prometheus and others scrape. docs/operating.md says what to alert on. */
import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Registry as MetricsRegistry } from 'prom-client'
import { GaugeReader, type Gauges } from '../registry/instance/read-gauges.ts'
import type { Registry } from '../registry/registry.ts'
import { admitOutsideDoors } from './admission.ts'
import { exposeHistogram, type Series } from './exposition.ts'
import type { RequestLimits } from './request-limits.ts'
import type { Durations, Traffic } from './traffic.ts'

export interface MetricsOptions {
  registry: Registry
  limits: RequestLimits
  traffic: Traffic
  version: string
  /** Whether anyone may read them; else they need an instance-admin key. */
  areMetricsOpen: boolean
  requestsInFlight(): number
}

export function serveMetrics(server: FastifyInstance, options: MetricsOptions): void {
  const { registry, limits, areMetricsOpen } = options
  const metrics = new MetricsRegistry()
  collectDefaultMetrics({ register: metrics })
  const gauges = new GaugeReader(registry)
  const update = createOwnMetrics(metrics, options)
  server.get(
    '/metrics',
    {
      config: { permission: areMetricsOpen ? 'none' : 'metrics.read' },
      schema: { hide: true },
      ...(!areMetricsOpen && {
        onRequest: request => admitOutsideDoors({ registry, limits, permission: 'metrics.read' }, request),
      }),
    },
    async (_request, reply) => {
      const now = await gauges.read()
      update(now)
      const text = `${await metrics.metrics()}${exposeDistributions(options.traffic, now)}`
      return reply.type(metrics.contentType).send(text)
    },
  )
}

/** All that is not a distribution. The returned function takes over the present values. */
function createOwnMetrics(
  metrics: MetricsRegistry,
  { registry: { tally }, traffic, version, requestsInFlight }: MetricsOptions,
): (now: Gauges) => void {
  const registers = [metrics]
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `holotype_${name}`, help, labelNames, registers })
  const counter = (name: string, help: string, labelNames: string[] = []) => {
    const made = new Counter({ name: `holotype_${name}`, help, labelNames, registers })
    // Counted elsewhere: what is here is replaced by it.
    return (value: number, labels: Record<string, string> = {}) => {
      made.remove(labels)
      made.inc(labels, value)
    }
  }
  gauge('info', 'Always 1; the label says which release runs.', ['version']).set({ version }, 1)

  const inFlight = gauge('http_requests_in_flight', 'Requests that are being answered.')
  const connections = gauge('http_connections', 'Open connections.')
  const received = counter('http_received_bytes_total', 'Bytes received on all connections, heads included.')
  const sent = counter('http_sent_bytes_total', 'Bytes sent on all connections, heads included.')
  const broken = counter('http_broken_requests_total', 'Requests so broken that they reached no route.')
  const refused = counter('refused_logins_total', 'Requests with a key that is unknown, wrong, expired or revoked.')
  const uploads = gauge('uploads_in_progress', 'Files that this process is receiving.')

  const due = gauge('jobs_due', 'Jobs whose time has come and that no worker holds.', ['kind'])
  const failing = gauge('jobs_failing', 'Jobs that have failed and wait to be tried again.', ['kind'])
  const runs = counter('job_runs_total', 'Jobs run by this process.', ['kind', 'outcome'])

  const isUp = gauge('database_up', 'Whether the database answered the last question, 1 or 0.')
  const pool = gauge('database_connections', 'Connections of this process to PostgreSQL.', ['state'])
  const waiting = gauge('database_waiting', 'Queries and transactions that wait for a connection.')
  const poolMax = gauge('database_connections_max', 'The most connections this process opens.')

  const blobs = gauge('stored_blobs', 'Stored blobs; the same bytes of a team are one. Some minutes old at most.')
  const bytes = gauge('stored_bytes', 'Bytes of the stored blobs. Some minutes old at most.')
  const damaged = gauge('damaged_blobs', 'Blobs whose bytes are damaged or gone. Some minutes old at most.')
  const found = counter('damage_found_total', 'How often a download met damaged or missing bytes.')
  const free = gauge('store_free_bytes', 'Bytes that the medium of the local store can still take.')
  const total = gauge('store_total_bytes', 'The size of the medium of the local store.')

  return ({ jobs = [], isDatabaseUp, stored, capacity, database, uploadsUnderWay }) => {
    inFlight.set(requestsInFlight())
    connections.set(traffic.connections)
    received(traffic.bytes.received)
    sent(traffic.bytes.sent)
    broken(traffic.broken)
    refused(tally.refusedLogins)
    uploads.set(uploadsUnderWay)
    due.reset()
    failing.reset()
    for (const { kind, ...counts } of jobs) {
      due.set({ kind }, counts.due)
      failing.set({ kind }, counts.failing)
    }
    for (const [kind, { done, failed }] of tally.jobs) {
      runs(done, { kind, outcome: 'done' })
      runs(failed, { kind, outcome: 'failed' })
    }
    isUp.set(isDatabaseUp ? 1 : 0)
    if (database.pool) {
      pool.set({ state: 'idle' }, database.pool.idle)
      pool.set({ state: 'busy' }, database.pool.open - database.pool.idle)
      waiting.set(database.pool.waiting)
      poolMax.set(database.pool.max)
    }
    if (stored) {
      blobs.set(stored.blobs)
      bytes.set(stored.bytes)
      damaged.set(stored.damaged)
    }
    found(tally.damageFound)
    if (capacity) {
      free.set(capacity.freeBytes)
      total.set(capacity.totalBytes)
    }
  }
}

function exposeDistributions({ durations }: Traffic, { database: { commits } }: Gauges): string {
  const requests = exposeHistogram(
    'holotype_http_request_duration_seconds',
    'Time from the head of a request to the end of its answer, by route pattern and class of status; "none" where no route or no answer.',
    toSeries(durations),
  )
  const groups = exposeHistogram('holotype_commit_transactions', 'Transactions in each commit.', [
    { labels: {}, distribution: commits },
  ])
  return `${requests}${groups}`
}

function toSeries(durations: Durations): Series[] {
  return [...durations].flatMap(([route, methods]) =>
    [...methods].flatMap(([method, classes]) =>
      [...classes].map(([status, distribution]) => ({ labels: { method, route, status }, distribution })),
    ),
  )
}
