/** SQLite as the registry's database: one file, one writing connection, one that only reads. */
import { DatabaseSync } from 'node:sqlite'
import { type Database, type DatabaseActivity, DatabaseUnusableError, type Reader, type Work } from '../database.ts'
import { migrate, requireCurrent } from '../migrate.ts'
import { databaseRoom } from './disk-room.ts'
import { explainSqliteError, refuseForeignTables } from './explain-sqlite.ts'
import { GroupCommit } from './group-commit.ts'
import { makePrivate } from './private-file.ts'
import { copySqlite } from './sqlite-copy.ts'
import { readerOn, SnapshotConnection, SqliteConnection } from './sqlite-driver.ts'
import { sqliteMigrations } from './sqlite-migrations.ts'

export interface SqliteOptions {
  /** Only the benchmark turns this off, to measure what durability costs. */
  synchronous?: 'FULL' | 'OFF'
  /** Opens a database that a server may be using right now: it must be up to date already, and its tables are left as they are. */
  attach?: boolean
  /** How long a write waits for another process that is writing, in ms. */
  busyTimeoutMs?: number
  /** Bytes of the disk that are kept for removing things; as `reserveOf` has it. */
  reserveBytes?: number | undefined
}

const BUSY_TIMEOUT_MS = 5000

export class SqliteDatabase implements Database {
  readonly read: Reader
  readonly isExclusive = true
  readonly #file: string
  readonly #writer: DatabaseSync
  readonly #reader: DatabaseSync
  readonly #snapshot: SnapshotConnection
  readonly #group: GroupCommit
  readonly requireRoom: () => void

  private constructor(
    file: string,
    writer: DatabaseSync,
    reader: DatabaseSync,
    { busyTimeoutMs = BUSY_TIMEOUT_MS, reserveBytes }: SqliteOptions,
  ) {
    this.requireRoom = databaseRoom(file, reserveBytes)
    this.#file = file
    this.#writer = writer
    this.#reader = reader
    this.#snapshot = new SnapshotConnection(reader)
    this.#group = new GroupCommit(writer, new SqliteConnection(writer), {
      busyTimeoutMs,
      beforeCommit: () => this.#snapshot.endSnapshot(),
    })
    this.read = readerOn(this.#snapshot)
  }

  /** Opens `file`, creating it when absent (mode 0600), and brings its tables up to date. Throws in words that name the file. */
  static async open(file: string, options: SqliteOptions = {}): Promise<SqliteDatabase> {
    try {
      makePrivate(file)
      return await SqliteDatabase.#open(file, options)
    } catch (error) {
      throw explainSqliteError(error, file)
    }
  }

  static async #open(file: string, options: SqliteOptions): Promise<SqliteDatabase> {
    const writer = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS })
    try {
      refuseUnsafeVersion(writer)
      refuseForeignTables(writer, file)
      writer.exec('PRAGMA journal_mode = WAL')
      // FULL: a commit that was answered survives a power cut. Set, not assumed: builds of SQLite differ in their default for WAL.
      writer.exec(`PRAGMA synchronous = ${options.synchronous ?? 'FULL'}`)
      // In pages, hence every 16 MiB: moving the WAL into the database writes a page once, however often it changed meanwhile.
      writer.exec('PRAGMA wal_autocheckpoint = 4000')
      writer.exec('PRAGMA foreign_keys = ON')
      if (options.attach) await requireCurrent(sqliteMigrations(writer))
      else await migrate(sqliteMigrations(writer))
      // From here on waiting for another process is the group commit's business: SQLite's own waiting would stop the whole process.
      writer.exec('PRAGMA busy_timeout = 0')
      const reader = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, readOnly: true })
      return new SqliteDatabase(file, writer, reader, options)
    } catch (error) {
      writer.close()
      throw error
    }
  }

  get activity(): DatabaseActivity {
    return { commits: this.#group.commits, pool: undefined }
  }

  get revision(): number {
    return this.#group.revision
  }

  transaction<T>(work: Work<T>): Promise<T> {
    return this.#group.transaction(work)
  }

  async copyToFile(file: string): Promise<void> {
    await copySqlite(this.#file, file)
  }

  async checkHealth(): Promise<void> {
    if (this.#group.commitError !== undefined) throw new DatabaseUnusableError(this.#group.commitError)
    this.#reader.exec('SELECT 1')
  }

  /** The durability settings in force, for a test to read. */
  pragma(name: 'journal_mode' | 'synchronous' | 'foreign_keys'): unknown {
    const row = this.#writer.prepare(`PRAGMA ${name}`).get()
    return row?.[name]
  }

  async close(): Promise<void> {
    await this.#group.idle()
    this.#snapshot.endSnapshot()
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
