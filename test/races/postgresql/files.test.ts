/** Two processes change the files of one draft at the same moment: whoever wins, what is shown afterwards fits together (R05, R06). */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OneOfTwo, ROUNDS, race, startTwo, type TwoRegistries } from '../../support/two-registries.ts'

let two: TwoRegistries
beforeAll(async () => {
  two = await startTwo()
})
afterAll(() => two[Symbol.asyncDispose]())

interface Listed {
  path: string
  size: number
  sha256: string
}

async function makeDraft(files: Record<string, string> = {}): Promise<string> {
  const { id } = (await two.left.admin.post('/models', { name: 'raced' })).json()
  await two.left.admin.post(`/models/${id}/versions`)
  const draft = `/models/${id}/versions/1`
  for (const [path, bytes] of Object.entries(files)) await two.left.admin.put(`${draft}/files/${path}`, bytes)
  return draft
}

async function filesOf(version: string): Promise<Listed[]> {
  return (await two.right.admin.get(`${version}/files`)).json().items
}

/** The counters are those of the list, the digest names just its files, and each file has its bytes. */
async function expectWhole(version: string): Promise<Listed[]> {
  const shown = (await two.left.admin.get(version)).json()
  const files = await filesOf(version)
  const sum = files.reduce((bytes, { size }) => bytes + size, 0)
  expect([shown.fileCount, Number(shown.usageBytes)]).toEqual([files.length, sum])
  const lines = files.map(({ sha256, size, path }) => `${sha256}  ${size}  ${path}\n`).join('')
  if (shown.isCommitted) expect(shown.digest).toBe(sha256Of(lines))
  for (const { path, sha256 } of files) {
    const { statusCode, rawPayload } = await two.left.admin.get(`${version}/files/${path}`)
    expect([statusCode, sha256Of(rawPayload)]).toEqual([200, sha256])
  }
  return files
}

function sha256Of(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The rows of blobs and the bytes are the same set, and no blob waits without a file. */
async function expectNoOrphans(): Promise<void> {
  await two.finishJobs()
  const rows = await two.left.app.registry.db.read.selectFrom('blobs').select('id').orderBy('id').execute()
  expect(await two.storedBytes()).toEqual(rows.map(({ id }) => id))
}

test('a file and a folder of the same name: one of them comes in', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const draft = await makeDraft()
    const { statuses } = await race(
      () => two.left.admin.put(`${draft}/files/a`, `file ${round}`),
      () => two.right.admin.put(`${draft}/files/a/b`, `folder ${round}`),
    )
    expect(statuses.toSorted()).toEqual([200, 409])
    expect(await expectWhole(draft)).toHaveLength(1)
  }
  await expectNoOrphans()
})

test('two contents for one path: the last one stays, and the counters are right', async () => {
  const draft = await makeDraft()
  for (let round = 0; round < ROUNDS; round++) {
    // Of few contents, so that each is known already, replaced and referred to again.
    const { statuses } = await race(
      () => two.left.admin.put(`${draft}/files/weights`, 'x'.repeat(1 + (round % 3))),
      () => two.right.admin.put(`${draft}/files/${round % 2 ? 'weights' : 'other'}`, 'x'.repeat(1 + ((round + 1) % 3))),
    )
    expect(statuses).toEqual([200, 200])
    await expectWhole(draft)
  }
  await expectNoOrphans()
})

test('a few contents in two files, each put by both: each file has one of them', async () => {
  const draft = await makeDraft()
  for (let round = 0; round < ROUNDS; round++) {
    const put = ({ admin }: OneOfTwo, file: number, content: number) =>
      admin.put(`${draft}/files/${file}`, `content ${(round + content) % 3}`)
    const { left, right } = two
    const answers = await Promise.all([put(left, 1, 0), put(right, 1, 1), put(left, 2, 2), put(right, 2, 0)])
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200])
    expect(await expectWhole(draft)).toHaveLength(2)
  }
  await expectNoOrphans()
})

test('an upload and a commit: the file is in the digest, or refused', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const draft = await makeDraft({ first: 'first' })
    const { statuses } = await race(
      () => two.left.admin.put(`${draft}/files/second`, 'second'),
      () => two.right.admin.put(draft, { isCommitted: true }),
    )
    expect(statuses[1]).toBe(200)
    const files = await expectWhole(draft)
    expect([statuses[0], files.length]).toEqual(statuses[0] === 200 ? [200, 2] : [409, 1])
  }
})

test('a removal and a commit', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const draft = await makeDraft({ first: 'first', second: 'second' })
    const { statuses } = await race(
      () => two.left.admin.delete(`${draft}/files/second`),
      () => two.right.admin.put(draft, { isCommitted: true }),
    )
    expect(statuses[1]).toBe(200)
    const files = await expectWhole(draft)
    expect([statuses[0], files.length]).toEqual(statuses[0] === 200 ? [200, 1] : [409, 2])
  }
})

test('two commits: one event, one digest', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const draft = await makeDraft({ file: 'content' })
    const commit = { isCommitted: true }
    const { statuses, bodies } = await race(
      () => two.left.admin.put(draft, { ...commit, message: 'left' }),
      () => two.right.admin.put(draft, { ...commit, tags: 'right' }),
    )
    expect(statuses).toEqual([200, 200])
    expect(bodies[0].digest).toBe(bodies[1].digest)
    await expectWhole(draft)
    expect((await two.left.admin.get(draft)).json()).toMatchObject({ message: 'left', tags: ['right'] })
    const model = draft.slice(0, draft.indexOf('/versions'))
    const { items } = (await two.left.admin.get(`${model}/events?kind=version.commit`)).json()
    expect(items).toHaveLength(1)
  }
})

test('the same bytes through both at once are stored once', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = `the same ${round}`
    const [one, other] = [await makeDraft(), await makeDraft()]
    const { statuses } = await race(
      () => two.left.admin.put(`${one}/files/a`, bytes),
      () => two.right.admin.put(`${other}/files/b`, bytes),
    )
    expect(statuses).toEqual([200, 200])
    expect([await expectWhole(one), await expectWhole(other)].flat()).toHaveLength(2)
    const rows = await two.left.app.registry.db.read
      .selectFrom('blobs')
      .select('id')
      .where('sha256', '=', sha256Of(bytes))
      .execute()
    expect(rows).toHaveLength(1)
  }
  await expectNoOrphans()
})

test('the last two references are removed at once: the bytes go in the end', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = `referred to twice ${round}`
    const [one, other] = [await makeDraft({ a: bytes }), await makeDraft({ b: bytes })]
    const { statuses } = await race(
      () => two.left.admin.delete(round % 2 ? `${one}/files/a` : one),
      () => two.right.admin.delete(`${other}/files/b`),
    )
    expect(statuses).toEqual([200, 200])
    await two.finishJobs()
    const rows = await two.left.app.registry.db.read
      .selectFrom('blobs')
      .select('id')
      .where('sha256', '=', sha256Of(bytes))
      .execute()
    expect(rows).toEqual([])
  }
  await expectNoOrphans()
})

test('the last reference is removed, and reclaimed at once, while a new one comes: its bytes are there', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = `referred to again ${round}`
    const [one, other] = [await makeDraft({ a: bytes }), await makeDraft()]
    const reclaimed = two.left.admin.delete(`${one}/files/a`).then(() => two.finishJobs())
    const answer = await two.right.admin.put(`${other}/files/b`, bytes)
    await reclaimed
    expect(answer.statusCode).toBe(200)
    expect(await expectWhole(other)).toHaveLength(1)
  }
  await expectNoOrphans()
})
