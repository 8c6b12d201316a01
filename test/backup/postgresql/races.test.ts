/** What two processes on one PostgreSQL must not do to a copy. */
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createApp, openDatabase } from '../../../src/app.ts'
import { readConfig } from '../../../src/config.ts'
import { copyTables } from '../../../src/metadata/copy-tables.ts'
import type { Database } from '../../../src/metadata/database.ts'
import { findHoldEnd, setHold } from '../../../src/metadata/holds.ts'
import { digestTables } from '../../../src/metadata/table-rows.ts'
import { createDatabase, dropDatabase, runSql } from '../../support/postgresql-databases.ts'
import { startRegistry, type TestRegistry } from '../../support/registry.ts'
import { liveIn } from '../lived-in.ts'
import { temporaryDirectory } from '../support.ts'

const server = String(process.env['HOLOTYPE_TEST_POSTGRESQL'])

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
  await liveIn(r)
})
afterAll(() => r.close())

let temporary: Awaited<ReturnType<typeof temporaryDirectory>>
let url: string
beforeEach(async () => {
  temporary = await temporaryDirectory()
  url = await createDatabase(server)
})
afterEach(async () => {
  await dropDatabase(url)
  await temporary[Symbol.asyncDispose]()
})

const configure = (dataDir: string) =>
  readConfig({ HOLOTYPE_DATA_DIR: dataDir, HOLOTYPE_DATABASE_URL: url, HOLOTYPE_LOG_LEVEL: 'silent' })

test('of a server that starts and a copy that begins, one gets the database, and the other says so', async () => {
  const { read } = r.app.registry.db
  for (let round = 0; round < 5; round++) {
    const dataDir = join(temporary.path, String(round))
    const target = await openDatabase(configure(dataDir), { fill: true })
    const [copied, started] = await Promise.allSettled([copyTables(read, target), createApp(configure(dataDir))])
    if (started.status === 'fulfilled') await started.value.close()
    const rows = await target.read.selectFrom('models').select('id').execute()
    if (copied.status === 'fulfilled') {
      expect(await digestTables(target.read)).toEqual(copied.value)
      // A server that came late may have found the finished copy, whose files are elsewhere.
      const refusal = /is under way or has failed|knows stored files, but there are none/
      if (started.status === 'rejected') expect(String(started.reason)).toMatch(refusal)
    } else {
      expect(String(copied.reason)).toContain('is not empty')
      expect({ status: started.status, rows }).toEqual({ status: 'fulfilled', rows: [] })
    }
    await target.close()
    await dropDatabase(url)
    url = await createDatabase(server)
  }
})

test('a hold waits for a removal that has looked for holds already, so that who reads after it sees what is left', async () => {
  await (await createApp(configure(temporary.path))).close()
  await using both = await openTwice()
  const order: string[] = []
  let holding: Promise<void> | undefined
  await both.one.transaction(async trx => {
    expect(await findHoldEnd(trx, 1)).toBe(undefined)
    holding ??= both.other.transaction(hold => setHold(hold, 'backup', 1000)).then(() => void order.push('hold'))
    await expect.poll(() => countWaiting()).toBe(1)
    order.push('removal')
  })
  await holding
  expect(order).toEqual(['removal', 'hold'])
  expect(await both.one.transaction(trx => findHoldEnd(trx, 1))).toBe(1000)
})

async function openTwice(): Promise<AsyncDisposable & { one: Database; other: Database }> {
  const [one, other] = [await openDatabase(configure(temporary.path)), await openDatabase(configure(temporary.path))]
  const close = async () => {
    await one.close()
    await other.close()
  }
  return { one, other, [Symbol.asyncDispose]: close }
}

async function countWaiting(): Promise<number> {
  const rows = await runSql(
    url,
    `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return rows.length
}
