/** What lies behind the API: the rows and bytes that jobs move. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App } from '../../src/app.ts'

/** The blobs that have bytes in the store, sorted. */
export async function storedIds(app: App): Promise<string[]> {
  const ids: string[] = []
  for (const store of app.registry.stores.shared) for await (const { id } of store.list()) ids.push(id)
  return ids.sort()
}

/** The blobs that have a row, sorted. */
export async function knownIds(app: App): Promise<string[]> {
  const rows = await app.registry.db.read.selectFrom('blobs').select('id').orderBy('id').execute()
  return rows.map(row => row.id)
}

/** The number of rows in a table. */
export async function countRows(
  app: App,
  table: 'models' | 'versions' | 'files' | 'blobs' | 'aliases',
): Promise<number> {
  const row = await app.registry.db.read
    .selectFrom(table)
    .select(eb => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return row.count
}

/** A data directory that outlives the registries in it. */
export async function temporaryDataDir(): Promise<AsyncDisposable & { dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'holotype-jobs-'))
  return { dataDir, [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true }) }
}
