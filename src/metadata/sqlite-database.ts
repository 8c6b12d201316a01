/** SQLite as the registry's database: one file, one writing connection, one that only reads. */
import { DatabaseSync } from 'node:sqlite'
import type { Database, Queryable } from './database.ts'
import { GroupCommit } from './group-commit.ts'
import { migrate } from './migrate.ts'
import { kyselyOn, SqliteConnection } from './sqlite-driver.ts'

export interface SqliteOptions {
  /** Only the benchmark turns this off, to measure what durability costs. */
  synchronous?: 'FULL' | 'OFF'
}

export class SqliteDatabase implements Database {
  readonly read: Queryable
  readonly #writer: DatabaseSync
  readonly #reader: DatabaseSync
  readonly #group: GroupCommit

  private constructor(writer: DatabaseSync, reader: DatabaseSync) {
    this.#writer = writer
    this.#reader = reader
    this.#group = new GroupCommit(writer, new SqliteConnection(writer))
    this.read = kyselyOn(new SqliteConnection(reader))
  }

  /** Opens `file`, creating it when absent, and brings its tables up to date. */
  static async open(file: string, options: SqliteOptions = {}): Promise<SqliteDatabase> {
    const writer = new DatabaseSync(file, { timeout: 5000 })
    try {
      refuseUnsafeVersion(writer)
      writer.exec('PRAGMA journal_mode = WAL')
      // FULL: a commit that was answered survives a power cut. Set, not assumed: builds of SQLite differ in their default for WAL.
      writer.exec(`PRAGMA synchronous = ${options.synchronous ?? 'FULL'}`)
      writer.exec('PRAGMA foreign_keys = ON')
      await migrate(writer)
      const reader = new DatabaseSync(file, { timeout: 5000, readOnly: true })
      return new SqliteDatabase(writer, reader)
    } catch (error) {
      writer.close()
      throw error
    }
  }

  transaction<T>(work: (trx: Queryable) => Promise<T>): Promise<T> {
    return this.#group.transaction(work)
  }

  async checkHealth(): Promise<void> {
    if (this.#group.commitError !== undefined) {
      throw new Error('a commit has failed; restart the registry', { cause: this.#group.commitError })
    }
    this.#reader.exec('SELECT 1')
  }

  /** The durability settings in force, for a test to read. */
  pragma(name: 'journal_mode' | 'synchronous' | 'foreign_keys'): unknown {
    const row = this.#writer.prepare(`PRAGMA ${name}`).get()
    return row?.[name]
  }

  async close(): Promise<void> {
    await this.#group.idle()
    this.#reader.close()
    this.#writer.close()
  }
}

/** SQLite 3.7.0 to 3.51.2 could corrupt a database when a WAL was reset while another connection was reading. */
function refuseUnsafeVersion(database: DatabaseSync): void {
  const version = String(database.prepare('SELECT sqlite_version() AS version').get()?.['version'])
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  if (major * 1_000_000 + minor * 1_000 + patch < 3_051_003) {
    throw new Error(
      `this Node brings SQLite ${version}, which can corrupt data; Holotype needs SQLite 3.51.3 or newer (Node 24)`,
    )
  }
}
