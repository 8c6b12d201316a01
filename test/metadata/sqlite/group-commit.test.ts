import { readFile, truncate } from 'node:fs/promises'
import { setTimeout as nextTimer, setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { DatabaseFullError, DatabaseUnusableError } from '../../../src/metadata/database.ts'
import { SqliteDatabase } from '../../../src/metadata/sqlite/sqlite-database.ts'
import { countCommits, limitPages, openTemporary, put, readAll, spoilCommit } from '../support.ts'

test('a commit is durable before it is answered: the settings in force say so', async () => {
  await using temporary = await openTemporary()
  const { db } = temporary
  expect(db.pragma('journal_mode')).toBe('wal')
  expect(db.pragma('synchronous')).toBe(2)
  expect(db.pragma('foreign_keys')).toBe(1)
})

test('transactions that wait at the same time share one commit', async () => {
  await using temporary = await openTemporary()
  const { db, file } = temporary
  const before = await countCommits(file)
  await Promise.all(Array.from({ length: 50 }, (_, index) => db.transaction(trx => put(trx, `name ${index}`, index))))
  expect(await countCommits(file)).toBe(before + 1)
  await db.transaction(trx => put(trx, 'later', 1))
  expect(await countCommits(file)).toBe(before + 2)
  expect(Object.keys(await readAll(db.read))).toHaveLength(51)
})

test('a transaction that fails takes back its own writes and no others', async () => {
  await using temporary = await openTemporary()
  const { db } = temporary
  const failure = new Error('no')
  const outcomes = await Promise.allSettled([
    db.transaction(trx => put(trx, 'first', 1)),
    db.transaction(async trx => {
      await put(trx, 'first', 99)
      await put(trx, 'second', 2)
      throw failure
    }),
    db.transaction(trx => put(trx, 'third', 3)),
  ])
  expect(outcomes.map(outcome => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(outcomes[1]).toMatchObject({ reason: failure })
  expect(await readAll(db.read)).toEqual({ first: 1, third: 3 })
})

test('what is not committed is seen by its own transaction only', async () => {
  await using temporary = await openTemporary()
  const { db } = temporary
  const seen = await db.transaction(async trx => {
    await put(trx, 'name', 1)
    return { inside: await readAll(trx), outside: await readAll(db.read) }
  })
  expect(seen).toEqual({ inside: { name: 1 }, outside: {} })
  expect(await readAll(db.read)).toEqual({ name: 1 })
})

test('a read after an answered write sees it, whatever was read just before', async () => {
  await using temporary = await openTemporary()
  const { db } = temporary
  let isWriting = true
  // Reads of one turn share a snapshot. These open one in every phase of every turn, which no commit may fall into unnoticed.
  const read = () => void readAll(db.read).catch(() => {})
  const disturb = async (turn: () => Promise<unknown>) => {
    while (isWriting) {
      read()
      await turn()
    }
  }
  const disturbing = [disturb(() => nextTurn()), disturb(() => nextTimer(0)), disturb(() => readFile(temporary.file))]
  for (let value = 1; value <= 200; value++) {
    read()
    await db.transaction(async trx => {
      read()
      await put(trx, 'name', value)
      read()
    })
    expect(await readAll(db.read)).toEqual({ name: value })
  }
  isWriting = false
  await Promise.all(disturbing)
})

test('another connection sees a commit at its next turn', async () => {
  await using temporary = await openTemporary()
  const other = await SqliteDatabase.open(temporary.file, { attach: true })
  for (let value = 1; value <= 20; value++) {
    await temporary.db.transaction(trx => put(trx, 'name', value))
    await nextTurn()
    expect(await readAll(other.read)).toEqual({ name: value })
  }
  await other.close()
})

test('a query after the end of its transaction is refused and changes nothing', async () => {
  await using temporary = await openTemporary()
  const { db } = temporary
  const escaped = await db.transaction(async trx => ({ trx }))
  await expect(put(escaped.trx, 'late', 1)).rejects.toThrow('after the end of its transaction')
  const streaming = escaped.trx.selectFrom('holds').selectAll().stream().next()
  await expect(streaming).rejects.toThrow('after the end of its transaction')
  // Not even inside someone else's transaction, which runs on the same connection.
  const late = await db.transaction(() => put(escaped.trx, 'late', 1).catch(error => error))
  expect(late).toBeInstanceOf(Error)
  expect(await readAll(db.read)).toEqual({})
})

test('a commit that fails fails every transaction of its group, and nothing is written any more', async () => {
  await using temporary = await openTemporary()
  const { db } = temporary
  await expect(db.checkHealth()).resolves.toBe(undefined)
  const outcomes = await Promise.allSettled([
    db.transaction(trx => put(trx, 'name', 1)),
    db.transaction(trx => spoilCommit(trx)),
  ])
  expect(outcomes.map(outcome => outcome.status)).toEqual(['rejected', 'rejected'])
  expect(await readAll(db.read)).toEqual({})
  await expect(db.checkHealth()).rejects.toThrow(DatabaseUnusableError)
  await expect(db.transaction(trx => put(trx, 'name', 1))).rejects.toThrow(DatabaseUnusableError)
  expect(await readAll(db.read)).toEqual({})
})

test('a full disk fails the group, leaves nothing of it, and is over when there is room again (R03)', async () => {
  await using temporary = await openTemporary()
  const { db } = temporary
  await limitPages(db, 1)
  const outcomes = await Promise.allSettled([
    db.transaction(trx => put(trx, 'small', 1)),
    db.transaction(trx => put(trx, 'x'.repeat(100_000), 2)),
    db.transaction(trx => put(trx, 'after', 3)),
  ])
  for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: expect.any(DatabaseFullError) })
  expect(await readAll(db.read)).toEqual({})
  await db.checkHealth()
  await limitPages(db, 1_000_000)
  await db.transaction(trx => put(trx, 'small', 1))
  expect(await readAll(db.read)).toEqual({ small: 1 })
})

test('a transaction that goes on after a full disk writes nothing outside of its group', async () => {
  await using temporary = await openTemporary()
  const { db } = temporary
  await limitPages(db, 1)
  const stubborn = db.transaction(async trx => {
    await put(trx, 'x'.repeat(100_000), 1).catch(() => {})
    await put(trx, 'rest', 2).catch(() => {})
  })
  await expect(stubborn).rejects.toThrow(DatabaseFullError)
  expect(await readAll(db.read)).toEqual({})
})

test('a read error is told to whoever reads, and to whoever asks after the health, and ends nothing', async () => {
  await using temporary = await openTemporary()
  const { db, file } = temporary
  await db.transaction(async trx => {
    for (let index = 0; index < 1000; index++) await put(trx, `name ${index}`, index)
  })
  // The log is gone from under the reader: its first read of a page there fails, and SQLite rolls its snapshot back.
  await truncate(`${file}-wal`, 0)
  await expect(readAll(db.read)).rejects.toThrow('disk I/O error')
  await nextTurn()
  await nextTurn()
  await expect(db.checkHealth()).rejects.toThrow('disk I/O error')
})
