import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { DatabaseBusyError } from '../../../src/metadata/database.ts'
import { openTemporary, put, readAll, takeLock } from '../support.ts'

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
  await using temporary = await openTemporary({ busyTimeoutMs: 20 })
  const { db, file } = temporary
  const release = takeLock(file)
  await expect(db.transaction(trx => put(trx, 'name', 1))).rejects.toThrow(DatabaseBusyError)
  await db.checkHealth()
  release()
  await db.transaction(trx => put(trx, 'name', 2))
  expect(await readAll(db.read)).toEqual({ name: 2 })
})
