/** The same bytes are stored once in a team, and never shared between teams (S48). Counted on the disk. */
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { finishJobs } from '../support/jobs.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'
import { storedFiles } from '../support/stored-files.ts'

const opened: TestRegistry[] = []
let r: TestRegistry
beforeEach(async () => {
  r = await startRegistry({ HOLOTYPE_RECLAIM_GRACE_SECONDS: '0' })
  opened.push(r)
})
afterAll(() => Promise.all(opened.map(registry => registry.close())))

const bytes = 'the very same bytes'
const sha256 = createHash('sha256').update(bytes).digest('hex')

test('the same bytes in many files, versions and models of a team are one file on the disk', async () => {
  await keepModel(r.writer, { a: bytes, 'b/c': bytes })
  await keepModel(r.admin, { d: bytes })
  expect(await storedFiles(r.dataDir)).toHaveLength(1)
})

test('the same bytes uploaded many times at once are one file on the disk', async () => {
  const { id } = (await r.writer.post('/models', { name: 'm' })).json()
  await r.writer.post(`/models/${id}/versions`)
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => r.writer.put(`/models/${id}/versions/1/files/${index}`, bytes)),
  )
  expect(new Set(answers.map(answer => answer.statusCode))).toEqual(new Set([200]))
  // Those that were stored at the same time are found to be the same, and go.
  await finishJobs(r.app)
  expect(await storedFiles(r.dataDir)).toHaveLength(1)
  for (let index = 0; index < 20; index++) {
    expect((await r.reader.get(`/models/${id}/versions/1/files/${index}`)).body).toBe(bytes)
  }
})

test('another team has its own copy', async () => {
  await keepModel(r.writer, { a: bytes })
  await keepModel(r.stranger, { a: bytes })
  expect(await storedFiles(r.dataDir)).toHaveLength(2)
})

test('one team deleting its copy does not touch the other’s', async () => {
  const mine = await keepModel(r.writer, { a: bytes })
  const theirs = await keepModel(r.stranger, { a: bytes })
  await r.writer.delete(`/models/${mine.id}`)
  await finishJobs(r.app)
  expect(await storedFiles(r.dataDir)).toHaveLength(1)
  expect((await r.stranger.get(`/models/${theirs.id}/versions/1/files/a`)).body).toBe(bytes)
})

test('knowing the sha256 of another team’s file gives nothing: the bytes have to be sent, and the answers are alike', async () => {
  await keepModel(r.writer, { a: bytes })
  const { id } = (await r.stranger.post('/models', { name: 'm' })).json()
  await r.stranger.post(`/models/${id}/versions`)
  const path = `/models/${id}/versions/1/files/a`
  const claims = [
    { 'x-sha256': sha256 },
    { 'repr-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:` },
  ]
  const unknown = createHash('sha256').update('nobody has these').digest('hex')
  for (const headers of claims) {
    const known = await r.stranger.put(path, '', headers)
    expect(known.statusCode).toBe(400)
    const other = await r.stranger.put(path, '', { 'x-sha256': unknown })
    expect(known.body.replaceAll(sha256, '?')).toBe(other.body.replaceAll(unknown, '?'))
  }
  expect((await r.stranger.get(path)).statusCode).toBe(404)
  await finishJobs(r.app)
  expect(await storedFiles(r.dataDir)).toHaveLength(1)
})

test('another team’s stored bytes cannot be named by any id', async () => {
  const { id } = await keepModel(r.writer, { a: bytes })
  const [file = ''] = await storedFiles(r.dataDir)
  const blob = basename(file)
  for (const path of [`/blobs/${blob}`, `/models/${id}/versions/1/files/a`, `/models/${blob}`, `/blobs/${sha256}`]) {
    expect((await r.stranger.get(path)).statusCode, path).toBe(404)
  }
})

// R05, R06
test('bytes that come back while they wait to be reclaimed stay', async () => {
  const kept = await startRegistry({ HOLOTYPE_RECLAIM_GRACE_SECONDS: '3600' })
  opened.push(kept)
  r = kept
  const first = await keepModel(r.writer, { a: bytes })
  await r.writer.delete(`/models/${first.id}`)
  await r.app.worker.processDue()
  const second = await keepModel(r.writer, { b: bytes })
  await r.app.worker.processDue()
  expect(await storedFiles(r.dataDir)).toHaveLength(1)
  expect((await r.reader.get(`/models/${second.id}/versions/1/files/b`)).body).toBe(bytes)
})

test('nothing is left of refused uploads', async () => {
  const { id } = await keepModel(r.writer, { a: bytes })
  await r.writer.put(`/models/${id}/versions/1/files/b`, 'into a committed version')
  await r.writer.post(`/models/${id}/versions`)
  await r.writer.put(`/models/${id}/versions/2/files/a`, 'kept')
  await r.writer.put(`/models/${id}/versions/2/files/A`, 'differs only in case')
  await r.writer.put(`/models/${id}/versions/2/files/../b`, 'outside')
  await r.reader.put(`/models/${id}/versions/2/files/c`, 'no right to')
  await finishJobs(r.app)
  expect(await storedFiles(r.dataDir)).toHaveLength(2)
  expect(await readdir(join(r.dataDir, 'tmp'))).toEqual([])
})
