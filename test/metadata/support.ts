/** A database file of its own for a test, and ways to look at it from outside. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import type { Database, Reader, Transaction } from '../../src/metadata/database.ts'
import { SqliteDatabase, type SqliteOptions } from '../../src/metadata/sqlite/sqlite-database.ts'

export interface TemporaryFile extends AsyncDisposable {
  file: string
}

export async function temporaryFile(): Promise<TemporaryFile> {
  const directory = await mkdtemp(join(tmpdir(), 'holotype-metadata-'))
  return {
    file: join(directory, 'registry.sqlite'),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  }
}

export interface TemporaryDatabase extends AsyncDisposable {
  db: SqliteDatabase
  file: string
}

export async function openTemporary(options: SqliteOptions = {}): Promise<TemporaryDatabase> {
  const temporary = await temporaryFile()
  const db = await SqliteDatabase.open(temporary.file, options)
  return {
    db,
    file: temporary.file,
    async [Symbol.asyncDispose]() {
      await db.close()
      await temporary[Symbol.asyncDispose]()
    },
  }
}

/**
 * How many commits stand in the write-ahead log. Only the last page of a commit carries the size of the database. Right as long as the log
 * has not begun anew, which takes a thousand pages.
 */
export async function countCommits(file: string): Promise<number> {
  const wal = await readFile(`${file}-wal`)
  const pageSize = wal.readUInt32BE(8)
  const salt = wal.subarray(16, 24)
  let commits = 0
  for (let frame = 32; frame + 24 + pageSize <= wal.length; frame += 24 + pageSize) {
    if (wal.subarray(frame + 8, frame + 16).equals(salt) && wal.readUInt32BE(frame + 4) > 0) commits += 1
  }
  return commits
}

/** The table of holds is the simplest there is: a name and a number. */
export async function put(trx: Transaction, name: string, until: number): Promise<void> {
  await trx
    .insertInto('holds')
    .values({ name, until })
    .onConflict(conflict => conflict.column('name').doUpdateSet({ until }))
    .execute()
}

export async function readAll(db: Reader): Promise<Record<string, number>> {
  const rows = await db.selectFrom('holds').selectAll().orderBy('name').execute()
  return Object.fromEntries(rows.map(({ name, until }) => [name, until]))
}

/** Makes the commit of the transaction fail: SQLite looks at a deferred foreign key only then. */
export async function spoilCommit(trx: Transaction): Promise<void> {
  await sql`PRAGMA defer_foreign_keys = ON`.execute(trx)
  const row = { id: 'pr0000000000000', team_id: 'no such team', name: 'p', created_at: 1 }
  await trx.insertInto('projects').values(row).execute()
}

/** Lets the file grow to so many pages; never makes it smaller than it is. */
export async function limitPages(db: Database, pages: number): Promise<void> {
  await db.transaction(trx => sql`PRAGMA max_page_count = ${sql.lit(pages)}`.execute(trx))
}

/** Writes from another connection, until the answer is called. */
export function takeLock(file: string): () => void {
  const other = new DatabaseSync(file)
  other.exec('BEGIN IMMEDIATE')
  return () => other.close()
}
