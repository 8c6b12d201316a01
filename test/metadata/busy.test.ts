import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { databaseFile } from '../../src/data-dir.ts'
import { DatabaseBusyError } from '../../src/metadata/database.ts'
import { SqliteDatabase } from '../../src/metadata/sqlite/sqlite-database.ts'
import { storedIds } from '../jobs/support.ts'
import { startRegistry } from '../support/registry.ts'
import { openTemporary, put, readAll } from './support.ts'

test('a write waits for another process that is writing, and reads go on meanwhile', async () => {
  await using temporary = await openTemporary()
  const { db, file } = temporary
  const release = takeLock(file)
  let isDone = false
  const writing = db
    .transaction(trx => put(trx, 'name', 1))
    .finally(() => {
      isDone = true
    })
  // Timers fire: the wait holds up nothing else of this process.
  for (let turn = 0; turn < 5; turn += 1) await wait(1)
  expect(await readAll(db.read)).toEqual({})
  expect(isDone).toBe(false)
  release()
  await writing
  expect(await readAll(db.read)).toEqual({ name: 1 })
})

test('a write that has waited too long fails, leaves nothing, and spoils nothing', async () => {
  await using temporary = await openTemporary({ patienceMs: 20 })
  const { db, file } = temporary
  const release = takeLock(file)
  await expect(db.transaction(trx => put(trx, 'name', 1))).rejects.toThrow(DatabaseBusyError)
  await db.checkHealth()
  release()
  await db.transaction(trx => put(trx, 'name', 2))
  expect(await readAll(db.read)).toEqual({ name: 2 })
})

test('callers get a 503 that says why, while reads are answered', async () => {
  await using registry = await startRegistry(
    {},
    { openDatabase: file => SqliteDatabase.open(file, { patienceMs: 20 }) },
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

function takeLock(file: string): () => void {
  const other = new DatabaseSync(file)
  other.exec('BEGIN IMMEDIATE')
  return () => other.close()
}
