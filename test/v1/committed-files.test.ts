/** What was committed is what everyone gets from then on: no route changes its files. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')

/** Everything about the content of version 1. */
async function contentOf(id: string): Promise<unknown> {
  const path = `/models/${id}/versions/1`
  const { digest, fileCount, usageBytes, isCommitted } = (await r.reader.get(path)).json()
  const archive = sha256((await r.reader.get(`${path}/archive`)).rawPayload)
  return { digest, fileCount, usageBytes, isCommitted, archive, files: (await r.reader.get(`${path}/files`)).body }
}

describe('no route changes the files of a committed version', () => {
  /** Every route that may change anything about a model, with a body that would. */
  const attempts: Record<string, (id: string) => Array<[string, unknown?]>> = {
    'PUT /v1/models/:id/versions/:version/files/*': id => [
      [`/models/${id}/versions/1/files/a.bin`, 'changed'],
      [`/models/${id}/versions/1/files/new.bin`, 'new'],
      [`/models/${id}/versions/1/files/a.bin`, ''],
      [`/models/${id}/versions/latest/files/a.bin`, 'changed'],
      [`/models/${id}/versions/prod/files/a.bin`, 'changed'],
    ],
    'DELETE /v1/models/:id/versions/:version/files/*': id => [
      [`/models/${id}/versions/1/files/a.bin`],
      [`/models/${id}/versions/prod/files/dir/b.bin`],
      [`/models/${id}/versions/1/files/none.bin`],
    ],
    'PUT /v1/models/:id/versions/:version': id => [
      [`/models/${id}/versions/1`, { isCommitted: false }],
      [`/models/${id}/versions/1`, { isCommitted: true }],
      [`/models/${id}/versions/1`, { message: 'm', digest: '0'.repeat(64), fileCount: 0, files: [], usageBytes: '0' }],
    ],
    'DELETE /v1/models/:id/versions/:version': id => [[`/models/${id}/versions/1`], [`/models/${id}/versions/prod`]],
    'POST /v1/models/:id/versions': id => [[`/models/${id}/versions`, { version: '1', number: 1 }]],
    'POST /v1/models/:id/versions/:version/uploads': id => [
      [`/models/${id}/versions/1/uploads`, { path: 'a.bin', size: 3 }],
      [`/models/${id}/versions/prod/uploads`, { path: 'new.bin', size: 0 }],
    ],
    'POST /v1/models/:id/versions/:version/uploads/:upload/parts': id => [
      [`/models/${id}/versions/1/uploads/upnone/parts`, { numbers: [1] }],
    ],
    'POST /v1/models/:id/versions/:version/uploads/:upload/complete': id => [
      [`/models/${id}/versions/1/uploads/upnone/complete`],
    ],
    'DELETE /v1/models/:id/versions/:version/uploads/:upload': id => [[`/models/${id}/versions/1/uploads/upnone`]],
    'PUT /v1/models/:id': id => [[`/models/${id}`, { name: 'renamed', isPublic: true }]],
    'PUT /v1/models/:id/aliases/:alias': id => [[`/models/${id}/aliases/other`, { version: '1' }]],
    'DELETE /v1/models/:id/aliases/:alias': id => [[`/models/${id}/aliases/spare`]],
    'POST /v1/projects/:id/models/:modelId': id => [[`/projects/prnone/models/${id}`]],
    'DELETE /v1/projects/:id/models/:modelId': id => [[`/projects/prnone/models/${id}`]],
  }

  test.each(Object.keys(attempts))('%s', async route => {
    const { id } = await keepModel(r.writer, { 'a.bin': 'aaa', 'dir/b.bin': 'bbb', empty: '' })
    for (const alias of ['prod', 'spare']) await r.writer.put(`/models/${id}/aliases/${alias}`, { version: '1' })
    const before = await contentOf(id)
    const method = route.split(' ', 1)[0] as 'PUT' | 'POST' | 'DELETE'
    for (const [path, body] of attempts[route]?.(id) ?? []) {
      const answer = await r.admin.call(method, path, body)
      expect(answer.statusCode, `${method} ${path}`).toBeLessThan(500)
      if (/\/files\//.test(path)) expect(answer.statusCode, `${method} ${path}`).toBe(409)
      expect(await contentOf(id), `${method} ${path}`).toEqual(before)
    }
  })

  test('the table above has every route that changes a model, save its deletion', () => {
    const changing = r.app.routes
      .filter(
        ({ method, url, permission }) =>
          permission !== 'none' && /models\/:/.test(url) && /^(PUT|POST|DELETE)$/.test(method),
      )
      .map(({ method, url }) => `${method} ${url}`)
      .filter(route => route !== 'DELETE /v1/models/:id')
    expect(changing.toSorted()).toEqual(Object.keys(attempts).toSorted())
  })

  test('an upload and a commit that race end in one of two clean states', async () => {
    for (let round = 0; round < 10; round++) {
      const { id } = (await r.writer.post('/models', { name: 'm' })).json()
      const path = `/models/${id}/versions`
      await r.writer.post(path)
      const [put, commit] = await Promise.all([
        r.writer.put(`${path}/1/files/a.bin`, `bytes ${round}`),
        r.writer.put(`${path}/1`, { isCommitted: true }),
      ])
      expect([200, 409]).toContain(put.statusCode)
      expect(commit.statusCode).toBe(200)
      const version = (await r.reader.get(`${path}/1`)).json()
      expect(version.fileCount).toBe(put.statusCode === 200 ? 1 : 0)
      expect(version.digest).toBe(commit.json().digest)
      const list = put.statusCode === 200 ? `${put.json().sha256}  ${put.json().size}  a.bin\n` : ''
      expect(version.digest).toBe(sha256(list))
    }
  })
})

describe('the digest of a version', () => {
  const files: Record<string, string> = {
    'b.bin': 'bbb',
    'a/z.bin': 'zz',
    'a.bin': '',
    'é.bin': 'e',
    Z: 'z',
    '🙂': 'x',
  }

  test('is the sha256 of its list, whatever the order of the uploads', async () => {
    const byBytes = Object.keys(files).toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    const lines = byBytes.map(path => {
      const bytes = files[path] ?? ''
      return `${sha256(bytes)}  ${Buffer.byteLength(bytes)}  ${path}\n`
    })
    const encoded = Object.entries(files).map(([path, bytes]) => [encodeURI(path), bytes])
    for (const order of [encoded, encoded.toReversed()]) {
      const { id } = await keepModel(r.writer, Object.fromEntries(order))
      expect((await r.reader.get(`/models/${id}/versions/1`)).json().digest).toBe(sha256(lines.join('')))
      const listed = (await r.reader.get(`/models/${id}/versions/1/files`)).json().items
      expect(listed.map((file: { path: string }) => file.path)).toEqual(byBytes)
    }
  })

  test('is the same in another model and in another team', async () => {
    const mine = await keepModel(r.writer, { w: 'w' })
    const theirs = await keepModel(r.stranger, { w: 'w' })
    const digestOf = async (caller: typeof r.admin, id: string) =>
      (await caller.get(`/models/${id}/versions/1`)).json().digest
    expect(await digestOf(r.stranger, theirs.id)).toBe(await digestOf(r.writer, mine.id))
  })
})
