import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { finishJobs } from '../support/jobs.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  // No grace time, so that the bytes of a deleted file go with the next job.
  r = await startRegistry({ HOLOTYPE_RECLAIM_GRACE_SECONDS: '0' })
})
afterAll(() => r.close())

async function usage(caller = r.reader): Promise<Record<string, string>> {
  const answer = await caller.get('/storage-providers/utilization')
  expect(answer.statusCode).toBe(200)
  return answer.json()
}

describe('storage providers', () => {
  test('a team has its managed one from the start', async () => {
    const answer = await r.reader.get('/storage-providers')
    const [provider] = answer.json().items
    expect(answer.body).toBe(
      `{"hasMore":false,"items":[{"id":"${provider.id}","isManaged":true,"isTeamDefault":true,"name":"Holotype managed storage",` +
        '"s3Config":{"accessKey":"","bucket":"","checksums":null,"endpoint":null,"pathStyle":null,"prefix":null,"region":null,"retainData":false,"secretAccessKey":"","signatureVersion":null}}],"nextPage":null}',
    )
    expect((await r.reader.get(`/storage-providers/${provider.id}`)).json()).toEqual(provider)
  })

  test('the one of another team does not exist', async () => {
    const [theirs] = (await r.stranger.get('/storage-providers')).json().items
    expect((await r.admin.get(`/storage-providers/${theirs.id}`)).json()).toEqual({
      code: 'NOT_FOUND',
      message: `storage provider "${theirs.id}" does not exist`,
    })
  })
})

test('a provider of a kind that a newer release has written is refused, not served from the local directory', async () => {
  await using registry = await startRegistry()
  const { app, writer } = registry
  const { id, version } = await keepModel(writer)
  const draft = (await writer.post(`/models/${id}/versions`)).json().version
  await app.registry.db.transaction(trx => trx.updateTable('storage_providers').set({ kind: 'tape' }).execute())
  for (const answer of [
    await writer.put(`/models/${id}/versions/${draft}/files/a.bin`, 'bytes'),
    await writer.get(`/models/${id}/versions/${version}/files/weights.bin`),
    await writer.get('/storage-providers'),
  ]) {
    expect(answer.statusCode).toBe(500)
    expect(answer.body).not.toContain('weights')
  }
})

describe('utilization', () => {
  test('wins over a provider of that name, and has seven numbers of bytes as strings in their order', async () => {
    const answer = await usage()
    expect(Object.keys(answer)).toEqual([
      'datasetUsage',
      'modelUsage',
      'notebookWorkspaceUsage',
      'remainingFreeStorage',
      'sharedStorageUsage',
      'totalFreeStorage',
      'totalUsage',
    ])
    for (const [key, value] of Object.entries(answer)) expect(value, key).toMatch(/^\d+$/)
    expect(Number(answer['totalFreeStorage'])).toBe(
      Number(answer['remainingFreeStorage']) + Number(answer['totalUsage']),
    )
  })

  test('is a true figure after uploads, repeats, replacements and deletes', async () => {
    expect((await usage())['modelUsage']).toBe('0')
    const { id } = await keepModel(r.writer, { 'a.bin': 'x'.repeat(1000), 'same.bin': 'x'.repeat(1000), 'b.bin': 'yy' })
    expect((await usage())['modelUsage'], 'the same bytes count once').toBe('1002')
    const other = await keepModel(r.writer, { 'again.bin': 'x'.repeat(1000) })
    expect((await usage())['modelUsage'], 'in another model too').toBe('1002')
    expect((await usage(r.stranger))['modelUsage'], 'another team has its own').toBe('0')

    const files = `/models/${id}/versions/2/files`
    await r.writer.post(`/models/${id}/versions`)
    await r.writer.put(`${files}/c.bin`, 'ccc')
    expect((await usage())['modelUsage']).toBe('1005')
    await r.writer.put(`${files}/c.bin`, 'cccc')
    await finishJobs(r.app)
    expect((await usage())['modelUsage'], 'a replaced file is reclaimed').toBe('1006')
    await r.writer.delete(`${files}/c.bin`)
    await finishJobs(r.app)
    expect((await usage())['modelUsage'], 'a deleted file is reclaimed').toBe('1002')

    await r.writer.delete(`/models/${id}`)
    await finishJobs(r.app)
    expect((await usage())['modelUsage'], 'what another model still refers to stays').toBe('1000')
    expect((await r.reader.get(`/models/${other.id}/versions/1/files/again.bin`)).body).toBe('x'.repeat(1000))
    await r.writer.delete(`/models/${other.id}`)
    await finishJobs(r.app)
    expect((await usage())['modelUsage']).toBe('0')
  })
})
