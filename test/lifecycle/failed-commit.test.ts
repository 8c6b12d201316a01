import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Database, Queryable } from '../../src/metadata/database.ts'
import { SqliteDatabase } from '../../src/metadata/sqlite/sqlite-database.ts'
import { storedIds, temporaryDataDir } from '../jobs/support.ts'
import { startRegistry } from '../support/registry.ts'

test('an upload whose commit fails may be there or not; its bytes stay until the next start decides (R18)', async () => {
  await using temporary = await temporaryDataDir()
  const env = { HOLOTYPE_DATA_DIR: temporary.dataDir }
  const first = await startRegistry(env, {
    openDatabase: async file => failingWithBlobs(await SqliteDatabase.open(file)),
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

/** A database whose commit fails as soon as there is a blob in it. */
function failingWithBlobs(db: Database): Database {
  const transaction = db.transaction.bind(db)
  db.transaction = work =>
    transaction(async trx => {
      const value = await work(trx)
      if (await trx.selectFrom('blobs').select('id').executeTakeFirst()) await spoilCommit(trx)
      return value
    })
  return db
}

/** SQLite looks at a deferred foreign key only when it commits. */
async function spoilCommit(trx: Queryable): Promise<void> {
  await sql`PRAGMA defer_foreign_keys = ON`.execute(trx)
  const row = { id: 'pr0000000000000', team_id: 'no such team', name: 'p', created_at: 1 }
  await trx.insertInto('projects').values(row).execute()
}
