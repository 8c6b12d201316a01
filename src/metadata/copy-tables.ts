/**
 * Copies a registry's tables into another database, of whatever kind, and compares the two. Until all is done the copy has a mark in the place of its
 * identity, so that no server takes it for an empty database or for a whole one.
 */
import { sql } from 'kysely'
import type { Database, Reader, Transaction } from './database.ts'
import { dialectOf } from './dialect.ts'
import { deleteUnfinishedInstance, insertUnfinishedInstance } from './instance.ts'
import {
  COPIED_TABLES,
  createTableDigest,
  describeTables,
  digestTable,
  findDifferences,
  LEFT_OUT_TABLES,
  type Row,
  readRows,
  type TableDigests,
  type TableShape,
} from './table-rows.ts'

/** The rows of the copy are not those of the source. */
class CopyDiffersError extends Error {
  override readonly name = 'CopyDiffersError'
  constructor(tables: string[]) {
    super(
      `the copy differs from its source in ${tables.join(', ')} and is left unusable: make an empty database and run it again`,
    )
  }
}

export interface CopyOptions {
  /** Runs when the copy was compared and found right, before it becomes usable. */
  beforeLast?: () => Promise<void>
  /** Told how many rows are written, now and then. */
  onProgress?: ((rows: number) => void) | undefined
}

/**
 * Copies all that the registry in `source` keeps into `target`, which must have no row. `source` must show one moment from first to last.
 * When it rejects, `target` stays unusable for servers. Throws `CopyDiffersError` when what was written is not what was read.
 */
export async function copyTables(source: Reader, target: Database, options: CopyOptions = {}): Promise<TableDigests> {
  const tables = await describeTables(source)
  requireSameColumns(tables, await describeTables(target.read))
  await claim(target)
  const others = tables.filter(({ name }) => name !== 'instance')
  const written = await copyRows(source, target, others, options.onProgress)
  await requireEqual(target, others, written)
  await options.beforeLast?.()
  for (const table of tables) {
    if (table.name === 'instance') written[table.name] = await copyIdentity(source, target, table)
  }
  return written
}

/** The first table of ours that has a row. */
export async function findUsedTable(db: Reader): Promise<string | undefined> {
  for (const name of [...COPIED_TABLES.keys(), ...LEFT_OUT_TABLES]) {
    const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(db)
    if (rows.length > 0) return name
  }
  return undefined
}

function requireSameColumns(source: TableShape[], target: TableShape[]): void {
  const shapeOf = (tables: TableShape[]) => JSON.stringify(tables.map(({ name, columns }) => [name, columns]))
  if (shapeOf(source) !== shapeOf(target))
    throw new Error('the two databases have different tables: one is of another release')
}

/** From here on no server gives this database an identity of its own, and no other copy begins. */
async function claim(target: Database): Promise<void> {
  await target.transaction(async trx => {
    const used = await findUsedTable(trx)
    if (used !== undefined || !(await insertUnfinishedInstance(trx))) {
      throw new Error(`the database is not empty: there are rows in ${used ?? 'instance'}`)
    }
  })
}

async function copyRows(
  source: Reader,
  target: Database,
  tables: TableShape[],
  onProgress: CopyOptions['onProgress'],
): Promise<TableDigests> {
  const digests: TableDigests = {}
  let copied = 0
  for (const table of tables) {
    const digest = createTableDigest(table)
    for await (const rows of readRows(source, table)) {
      digest.add(rows)
      await target.transaction(trx => insertRows(trx, table, rows))
      copied += rows.length
      onProgress?.(copied)
    }
    if (table.columns.includes('seq')) await copySequence(source, target, table)
    digests[table.name] = digest.finish()
  }
  return digests
}

async function insertRows(trx: Transaction, { name, columns }: TableShape, rows: Row[]): Promise<void> {
  const values = rows.map(row => sql`(${sql.join(columns.map(column => row[column]))})`)
  await sql`insert into ${sql.table(name)} (${sql.join(columns.map(column => sql.ref(column)))})
    values ${sql.join(values)}`.execute(trx)
  if (name !== 'models') return
  const { indexModel } = dialectOf(trx)
  for (const { id, search_text: searchText, deleted_at: deletedAt } of rows) {
    if (deletedAt === null) await indexModel(trx, { id: String(id), searchText: String(searchText) })
  }
}

/** The number of a row that was deleted is not used again in the copy either: lists would skip the new row. */
async function copySequence(source: Reader, target: Database, { name }: TableShape): Promise<void> {
  const { readSequence } = dialectOf(source)
  const reached = await readSequence(source, name)
  await target.transaction(async trx => {
    const { rows } = await sql<{ seq: number | null }>`select max(seq) as seq from ${sql.table(name)}`.execute(trx)
    await dialectOf(trx).moveSequence(trx, name, Math.max(reached, rows[0]?.seq ?? 0))
  })
}

async function requireEqual(target: Database, tables: TableShape[], written: TableDigests): Promise<void> {
  const found: TableDigests = {}
  for (const table of tables) found[table.name] = await digestTable(target.read, table)
  const different = findDifferences(written, found)
  if (different.length > 0) throw new CopyDiffersError(different)
}

async function copyIdentity(source: Reader, target: Database, table: TableShape) {
  const expected = await digestTable(source, table)
  const { value: [row] = [] } = await readRows(source, table).next()
  if (!row) throw new Error('the source has no identity: it is not a registry that was ever started')
  await target.transaction(async trx => {
    await deleteUnfinishedInstance(trx)
    await insertRows(trx, table, [row])
    const found = await digestTable(trx, table)
    if (found.sha256 !== expected.sha256) throw new CopyDiffersError([table.name])
  })
  return expected
}
