/**
 * Uploads of a few contents, over and over, while the reclaim that has no grace time removes what was just deleted: whoever wins each of
 * the races, a file that is listed has its bytes (R05, R06).
 */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { finishJobs } from '../support/jobs.ts'
import { type Caller, startRegistry } from '../support/registry.ts'
import { knownIds, storedIds } from './support.ts'

const UPLOADERS = 6
const ROUNDS = 60
const CONTENTS = ['a', 'b', 'c', 'd'].map(letter => letter.repeat(2000))

test('a reclaim that races with uploads of the same bytes never leaves a file without them', async () => {
  await using registry = await startRegistry({ HOLOTYPE_RECLAIM_GRACE_SECONDS: '0' })
  const { app, writer } = registry
  const models = await Promise.all(Array.from({ length: UPLOADERS }, () => makeDraft(writer)))
  const random = seeded(20_261)
  await Promise.all(models.map(model => churn(writer, model, random)))

  let checked = 0
  for (const model of models) {
    for (const { path, sha256 } of await listFiles(writer, model)) {
      const { statusCode, rawPayload } = await writer.get(`/models/${model}/versions/1/files/${path}`)
      expect(statusCode).toBe(200)
      expect(createHash('sha256').update(rawPayload).digest('hex')).toBe(sha256)
      checked += 1
    }
  }
  expect(checked).toBe(UPLOADERS)
  await finishJobs(app)
  expect(await storedIds(app)).toEqual(await knownIds(app))
  for (const model of models) await writer.delete(`/models/${model}`)
  await finishJobs(app)
  expect(await storedIds(app)).toEqual([])
})

/** Each upload is read back at once, as a client does that got its 200; the last file stays. */
async function churn(writer: Caller, model: string, random: () => number): Promise<void> {
  for (let round = 0; round <= ROUNDS; round += 1) {
    const content = CONTENTS[Math.floor(random() * CONTENTS.length)] ?? ''
    const file = `/models/${model}/versions/1/files/${random() < 0.5 ? 'x' : 'y'}.bin`
    expect((await writer.put(file, content)).statusCode).toBe(200)
    const answer = await writer.get(file)
    expect([answer.statusCode, answer.body]).toEqual([200, content])
    const others = (await listFiles(writer, model)).filter(({ path }) => round < ROUNDS || !file.endsWith(path))
    for (const { path } of others) {
      expect((await writer.delete(`/models/${model}/versions/1/files/${path}`)).statusCode).toBe(200)
    }
  }
}

async function makeDraft(writer: Caller): Promise<string> {
  const { id } = (await writer.post('/models', { name: 'a model' })).json()
  await writer.post(`/models/${id}/versions`)
  return id
}

async function listFiles(writer: Caller, model: string): Promise<Array<{ path: string; sha256: string }>> {
  return (await writer.get(`/models/${model}/versions/1/files`)).json().items
}

/** The same numbers in every run; the order of events is the machine's all the same. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}
