/** A version of 100,000 files is committed, listed, archived and deleted, and all the while everyone else is answered. */
import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { countRows } from '../jobs/support.ts'
import { finishJobs } from '../support/jobs.ts'
import type { PageBody } from '../support/lists.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { seedFiles } from '../support/seed-files.ts'

const FILES = 100_000
/** In bytes, of the archive, which as a whole has 100 MB of headers alone. */
const ARCHIVE_PART = 2 ** 20
const LISTED = 12_000
const PATIENT = { timeout: 90_000, interval: 20 }

/** As `seedFiles` calls them. */
const paths = ['first', ...Array.from({ length: FILES - 1 }, (_, index) => `many/${index + 1}`)].toSorted()

let r: TestRegistry
let url: string
let other: string
let version: string
beforeAll(async () => {
  r = await startRegistry({ HOLOTYPE_RECLAIM_GRACE_SECONDS: '0' })
  url = await r.listen()
  other = `/models/${(await r.writer.post('/models', { name: 'another' })).json().id}`
  const { id } = (await r.writer.post('/models', { name: 'large' })).json()
  version = `/models/${id}/versions/1`
  await r.writer.post(`/models/${id}/versions`)
  await r.writer.put(`${version}/files/first`, 'bytes')
  await seedFiles(r.app, id, FILES - 1)
})
afterAll(() => r.close())

const headers = () => ({ authorization: `Bearer ${r.reader.key}` })

/**
 * The paths of the first files, over a real connection: calls without one would follow on each other in one turn and leave no time for
 * others.
 */
async function listPaths(): Promise<unknown[]> {
  const paths: unknown[] = []
  let after = ''
  while (paths.length < LISTED) {
    const answer = await fetch(`${url}${version}/files?limit=120${after}`, { headers: headers() })
    const page = (await answer.json()) as PageBody
    paths.push(...page.items.map(({ path }) => path))
    after = `&after=${page.nextPage}`
  }
  return paths
}

/** Does something while others ask, each of whom must be answered. Says how long it took, and how long the longest of them waited. */
async function whileOthersAsk<T>(what: string, work: () => Promise<T>): Promise<T> {
  const origin = new URL(url).origin
  let isDone = false
  const waits: number[] = []
  const ask = async (address: string) => {
    while (!isDone) {
      const asked = performance.now()
      const answer = await fetch(address, { headers: headers() })
      await answer.arrayBuffer()
      expect(answer.status, address).toBe(200)
      waits.push(performance.now() - asked)
      await setTimeout(5)
    }
  }
  const asking = Promise.all([ask(`${origin}/livez`), ask(`${url}${other}`)])
  const begun = performance.now()
  try {
    return await work()
  } finally {
    const seconds = ((performance.now() - begun) / 1000).toFixed(1)
    isDone = true
    await asking
    expect(waits.length).toBeGreaterThan(0)
    const longest = Math.round(Math.max(...waits))
    process.stdout.write(`${FILES} files: ${what} in ${seconds} s, ${waits.length} others waited up to ${longest} ms\n`)
  }
}

test('it is committed, and its digest is of all files', async () => {
  const committed = await whileOthersAsk('committed', () => r.writer.put(version, { isCommitted: true }))
  expect(committed.statusCode).toBe(200)
  const sha256 = createHash('sha256').update('bytes').digest('hex')
  const lines = paths.map(path => `${sha256}  5  ${path}\n`)
  expect(committed.json()).toMatchObject({
    fileCount: FILES,
    usageBytes: String(5 * FILES),
    digest: createHash('sha256').update(lines.join('')).digest('hex'),
  })
}, 60_000)

test('it is listed in the order of its paths', async () => {
  const listed = await whileOthersAsk('listed in part', listPaths)
  expect(listed).toEqual(paths.slice(0, listed.length))
}, 60_000)

test('it is sent as an archive from the first byte on, and a client may leave', async () => {
  const received = await whileOthersAsk('archived in part', async () => {
    const leave = new AbortController()
    const answer = await fetch(`${url}${version}/archive`, { headers: headers(), signal: leave.signal })
    expect(answer.status).toBe(200)
    let bytes = 0
    for await (const chunk of answer.body ?? []) {
      bytes += chunk.length
      if (bytes >= ARCHIVE_PART) break
    }
    leave.abort()
    return bytes
  })
  expect(received).toBeGreaterThanOrEqual(ARCHIVE_PART)
}, 60_000)

test('it is deleted at once, and its rows go bit by bit', async () => {
  const deleted = await whileOthersAsk('deleted', () => r.writer.delete(version))
  expect(deleted.statusCode).toBe(200)
  expect((await r.reader.get(version)).statusCode).toBe(404)
  await whileOthersAsk('reclaimed', async () => {
    await expect.poll(() => countRows(r.app, 'files'), PATIENT).toBe(0)
    await finishJobs(r.app)
  })
  expect(await countRows(r.app, 'blobs')).toBe(0)
}, 120_000)
