/** What may happen to a draft while a file is still on its way into it: the upload then fails at its end, and leaves nothing. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { finishJobs } from '../support/jobs.ts'
import { openSocket, parseAnswer } from '../support/raw-http.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { storedFiles } from '../support/stored-files.ts'

let r: TestRegistry
let url: string
beforeAll(async () => {
  r = await startRegistry()
  url = await r.listen()
})
afterAll(() => r.close())

const half = Buffer.alloc(300_000, 1)

async function makeDraft(): Promise<{ id: string; version: string; files: string }> {
  const { id } = (await r.writer.post('/models', { name: 'm' })).json()
  await r.writer.post(`/models/${id}/versions`)
  return { id, version: `/models/${id}/versions/1`, files: `/models/${id}/versions/1/files` }
}

/** Sends half a file, does something else, sends the other half, and answers what the server says. */
async function uploadAround(file: string, meanwhile: () => Promise<{ statusCode: number }>) {
  const socket = await openSocket(url)
  const head = [`PUT /v1${file} HTTP/1.1`, 'host: x', `authorization: Bearer ${r.writer.key}`, 'connection: close']
  socket.write([...head, `content-length: ${2 * half.length}`, '', ''].join('\r\n'))
  socket.write(half)
  for (let round = 0; round < 500 && (await readdir(join(r.dataDir, 'tmp'))).length === 0; round++) await setTimeout(10)
  expect(await readdir(join(r.dataDir, 'tmp')), 'the upload has begun').toHaveLength(1)
  expect((await meanwhile()).statusCode).toBe(200)
  socket.write(half)
  return parseAnswer(await text(socket))
}

async function expectNothingLeft(): Promise<void> {
  await finishJobs(r.app)
  expect(await readdir(join(r.dataDir, 'tmp'))).toEqual([])
  expect(await storedFiles(r.dataDir)).toEqual([])
}

describe('while a file is on its way', () => {
  test('the version is committed: the file comes too late', async () => {
    const { version, files } = await makeDraft()
    const answer = await uploadAround(`${files}/w`, () => r.writer.put(version, { isCommitted: true }))
    expect(answer).toEqual({
      status: 409,
      body: { code: 'CONFLICT', message: "version 1 is committed, its files can't change; create a new version" },
    })
    expect((await r.reader.get(version)).json()).toMatchObject({ fileCount: 0, usageBytes: '0' })
    await expectNothingLeft()
  })

  test('the version is deleted', async () => {
    const { version, files } = await makeDraft()
    const answer = await uploadAround(`${files}/w`, () => r.writer.delete(version))
    expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    await expectNothingLeft()
  })

  test('the model is deleted', async () => {
    const { id, files } = await makeDraft()
    const answer = await uploadAround(`${files}/w`, () => r.writer.delete(`/models/${id}`))
    expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    await expectNothingLeft()
    expect((await r.writer.get(`${files}/w`)).statusCode).toBe(404)
  })

  test('a path that clashes is taken', async () => {
    const { files } = await makeDraft()
    const answer = await uploadAround(`${files}/W`, async () => {
      await r.writer.put(`${files}/w`, '')
      return await r.writer.put(`${files}/x`, '')
    })
    expect(answer).toMatchObject({
      status: 409,
      body: { message: `path "W" can't stand beside "w": it differs from it only in case` },
    })
    expect((await r.reader.get(`${files}/w`)).body).toBe('')
  })

  test('nobody sees it, and the list does not change', async () => {
    const { files } = await makeDraft()
    const answer = await uploadAround(`${files}/w`, async () => {
      expect((await r.reader.get(`${files}/w`)).statusCode).toBe(404)
      expect((await r.reader.get(files)).json().items).toEqual([])
      return await r.reader.get(files)
    })
    expect(answer).toMatchObject({ status: 200, body: { size: 600_000 } })
    expect((await r.reader.get(files)).json().items).toHaveLength(1)
  })
})
