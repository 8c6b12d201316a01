/** What callers hear when SQLite can't keep what they ask for. */
import { expect, test } from 'vitest'
import { databaseFile } from '../../../src/data-dir.ts'
import type { Database } from '../../../src/metadata/database.ts'
import { SqliteDatabase } from '../../../src/metadata/sqlite/sqlite-database.ts'
import { storedIds, temporaryDataDir } from '../../jobs/support.ts'
import { limitPages, spoilCommit, takeLock } from '../../metadata/support.ts'
import { startRegistry } from '../../support/registry.ts'

test('an upload whose commit fails may be there or not; its bytes stay until the next start decides (R18)', async () => {
  await using temporary = await temporaryDataDir()
  const env = { HOLOTYPE_DATA_DIR: temporary.dataDir }
  const first = await startRegistry(env, {
    openDatabase: async ({ dataDir }) => failingWithBlobs(await SqliteDatabase.open(databaseFile(dataDir))),
  })
  const { app, writer, admin } = first
  const { id } = (await writer.post('/models', { name: 'a model' })).json()
  await writer.post(`/models/${id}/versions`)
  const refused = await writer.put(`/models/${id}/versions/1/files/a.bin`, 'bytes')
  expect(refused.statusCode).toBe(500)
  expect(refused.json().message).toBe('something went wrong on the server; its log has the details')
  expect(await storedIds(app)).toHaveLength(1)
  expect((await app.server.inject('/readyz')).statusCode).toBe(503)
  await first.close()

  await using second = await startRegistry({ ...env, HOLOTYPE_ADMIN_KEY: admin.key })
  await second.listen()
  expect((await second.app.server.inject('/readyz')).statusCode).toBe(200)
  expect((await second.admin.get(`/models/${id}/versions/1/files`)).json().items).toEqual([])
  await expect.poll(() => storedIds(second.app), { timeout: 20_000, interval: 5 }).toEqual([])
  expect((await second.admin.put(`/models/${id}/versions/1/files/a.bin`, 'bytes')).statusCode).toBe(200)
})

test('after a failed commit the registry is not ready, refuses changes with a sentence, and still answers reads (R04)', async () => {
  await using registry = await startRegistry()
  const { app, writer } = registry
  await app.registry.db.transaction(trx => spoilCommit(trx)).catch(() => {})
  expect((await app.server.inject('/readyz')).statusCode).toBe(503)
  expect((await app.server.inject('/livez')).statusCode).toBe(200)
  expect((await writer.get('/models')).statusCode).toBe(200)
  const refused = await writer.post('/models', { name: 'a model' })
  expect(refused.statusCode).toBe(503)
  expect(refused.json().message).toBe('the registry takes no changes until it is restarted; nothing was kept')
})

test('a full disk under the database is answered with 507 and the registry stays ready', async () => {
  await using registry = await startRegistry()
  const { app, writer } = registry
  await limitPages(app.registry.db, 1)
  const answers = []
  for (let index = 0; index < 40; index += 1) {
    answers.push(await writer.post('/models', { name: 'm', description: 'd'.repeat(5000) }))
  }
  const full = answers.filter(answer => answer.statusCode !== 200)
  expect(full.length).toBeGreaterThan(0)
  expect(full.map(answer => answer.statusCode)).toEqual(full.map(() => 507))
  expect((await app.server.inject('/readyz')).statusCode).toBe(200)
  await limitPages(app.registry.db, 1_000_000)
  const made = await writer.post('/models', { name: 'm' })
  expect(made.statusCode).toBe(200)
  expect((await writer.get('/models?limit=100')).json().items).toHaveLength(answers.length - full.length + 1)
})

test('while another process is writing, callers get a 503 that says why, and reads are answered', async () => {
  await using registry = await startRegistry(
    {},
    { openDatabase: ({ dataDir }) => SqliteDatabase.open(databaseFile(dataDir), { busyTimeoutMs: 20 }) },
  )
  const { app, writer, dataDir } = registry
  const { id } = (await writer.post('/models', { name: 'a model' })).json()
  await writer.post(`/models/${id}/versions`)
  const release = takeLock(databaseFile(dataDir))
  const refused = await writer.post('/models', { name: 'another' })
  expect(refused.statusCode).toBe(503)
  expect(refused.json()).toEqual({
    code: 'INTERNAL_SERVER_ERROR',
    message: 'the database is busy with another process; nothing was kept, try again',
  })
  const upload = await writer.put(`/models/${id}/versions/1/files/a.bin`, 'bytes')
  expect(upload.statusCode).toBe(503)
  expect((await writer.get(`/models/${id}`)).statusCode).toBe(200)
  release()
  expect((await app.server.inject('/readyz')).statusCode).toBe(200)
  expect((await writer.get(`/models/${id}/versions/1/files`)).json().items).toEqual([])
  expect(await storedIds(app)).toEqual([])
  expect((await writer.put(`/models/${id}/versions/1/files/a.bin`, 'bytes')).statusCode).toBe(200)
})

/** A database whose commit fails as soon as there is a blob in it. */
function failingWithBlobs(db: Database): Database {
  const transaction = db.transaction.bind(db)
  db.transaction = work =>
    transaction(async (trx, log) => {
      const value = await work(trx, log)
      if (await trx.selectFrom('blobs').select('id').executeTakeFirst()) await spoilCommit(trx)
      return value
    })
  return db
}
