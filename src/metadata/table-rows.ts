/** The rows of every table in one order and one form, the same on every database: for copies, and for comparing them. */
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Reader } from './database.ts'
import { dialectOf } from './dialect.ts'
import type { Schema } from './schema.ts'

export type Row = Record<string, string | number | null>

interface CopiedTable {
  /** Its primary key. Rows come in its order. */
  key: readonly string[]
  /** Columns that mean something only where the row was written, with what they become elsewhere. */
  reset?: Row
}

type Plan = {
  [Table in keyof Schema]:
    | { key: ReadonlyArray<keyof Schema[Table] & string>; reset?: { [Column in keyof Schema[Table]]?: Row[string] } }
    | 'left out'
}

/** Each table that there is, in an order that the foreign keys allow. A table that is missing here does not compile. */
const PLAN: Plan = {
  teams: { key: ['seq'] },
  users: { key: ['seq'] },
  api_keys: { key: ['seq'] },
  projects: { key: ['seq'] },
  storage_providers: { key: ['seq'] },
  models: { key: ['seq'] },
  versions: { key: ['model_id', 'number'] },
  version_tags: { key: ['model_id', 'number', 'tag'] },
  model_tags: { key: ['team_id', 'tag', 'model_seq'] },
  blobs: { key: ['id'] },
  files: { key: ['model_id', 'number', 'path'] },
  aliases: { key: ['seq'] },
  events: { key: ['seq'] },
  // Copied, so that a client that repeats its request to the copy still gets the first result.
  idempotency_keys: { key: ['api_key_id', 'key'] },
  // A lease is held by a process that works on the source, and it can't end it in the copy. The time of the job stays: a lease that was
  // running ends when it would have ended.
  jobs: { key: ['seq'], reset: { lease: null } },
  // A hold protects bytes for someone who reads them by the source's rows right now.
  holds: 'left out',
  // Bytes that arrive at the source never become a file of the copy. What they leave in the store is an orphan, which the sweep removes.
  uploads: 'left out',
  upload_parts: 'left out',
  // What lies in the source's stores says nothing about those of the copy.
  unknown_bytes: 'left out',
  instance: { key: ['singleton'] },
}

export const COPIED_TABLES: ReadonlyMap<string, CopiedTable> = new Map(
  Object.entries<CopiedTable | 'left out'>(PLAN).filter(entry => isCopied(entry)),
)

function isCopied(entry: [string, CopiedTable | 'left out']): entry is [string, CopiedTable] {
  return entry[1] !== 'left out'
}

export const LEFT_OUT_TABLES: readonly string[] = Object.keys(PLAN).filter(name => !COPIED_TABLES.has(name))

/** A table with its columns, sorted by name. */
export interface TableShape extends CopiedTable {
  name: string
  columns: string[]
}

/** The copied tables as the catalogue of `db` has them. Throws when it lacks one. */
export async function describeTables(db: Reader): Promise<TableShape[]> {
  const columns = await dialectOf(db).listColumns(db)
  return [...COPIED_TABLES].map(([name, table]) => {
    const found = columns.get(name)
    if (!found) throw new Error(`the database has no table ${name}`)
    return { name, ...table, columns: found.toSorted() }
  })
}

/** Rows per query and per transaction. The largest have some 100 KB: all of a batch must arrive within the time that a statement may take. */
const BATCH = 250

/** All rows of a table in the order of its key, some hundred at a time. */
export async function* readRows(db: Reader, { name, key, columns, reset }: TableShape): AsyncGenerator<Row[]> {
  const keyColumns = sql.join(key.map(column => sql.ref(column)))
  let rest = sql``
  for (;;) {
    const { rows } = await sql<Row>`select ${sql.join(columns.map(column => sql.ref(column)))}
      from ${sql.table(name)} ${rest} order by ${keyColumns} limit ${BATCH}`.execute(db)
    const last = rows.at(-1)
    if (last) yield rows.map(row => ({ ...row, ...reset }))
    if (!last || rows.length < BATCH) return
    rest = sql`where (${keyColumns}) > (${sql.join(key.map(column => last[column]))})`
    await setImmediate()
  }
}

export interface TableDigest {
  rows: number
  /** Over all rows in their canonical form, hex. */
  sha256: string
}

/** By table. */
export type TableDigests = Record<string, TableDigest>

/** Takes the rows of a table in the order of its key. */
export function createTableDigest({ columns }: TableShape): { add(rows: Row[]): void; finish(): TableDigest } {
  const hash = createHash('sha256')
  let count = 0
  return {
    add(rows) {
      count += rows.length
      // One JSON array a line: no value can look like the end of another.
      for (const row of rows) hash.update(`${JSON.stringify(columns.map(column => row[column]))}\n`)
    },
    finish: () => ({ rows: count, sha256: hash.digest('hex') }),
  }
}

export async function digestTable(db: Reader, table: TableShape): Promise<TableDigest> {
  const digest = createTableDigest(table)
  for await (const rows of readRows(db, table)) digest.add(rows)
  return digest.finish()
}

/** The digests of all tables that a copy has. The same for the source and its copy, on whatever databases they are. */
export async function digestTables(db: Reader): Promise<TableDigests> {
  const digests: TableDigests = {}
  for (const table of await describeTables(db)) digests[table.name] = await digestTable(db, table)
  return digests
}

/** The tables whose digests are not the same, sorted. */
export function findDifferences(one: TableDigests, other: TableDigests): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names]
    .filter(name => one[name]?.sha256 !== other[name]?.sha256 || one[name]?.rows !== other[name]?.rows)
    .sort()
}
