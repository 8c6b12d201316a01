/** PostgreSQL as the registry's database: for several processes over one set of tables. */
import type pg from 'pg'
import { copyTables } from '../copy-tables.ts'
import type { Database, DatabaseActivity, Reader, Work } from '../database.ts'
import { createTables, migrate, requireCurrent } from '../migrate.ts'
import { createSqliteFile } from '../sqlite/sqlite-file.ts'
import { connectAlone, createPool, readingRunner, runnerOf } from './connections.ts'
import { createPostgresqlDialect, findSearchIndex } from './postgresql-dialect.ts'
import { createKysely } from './postgresql-driver.ts'
import { postgresqlMigrations } from './postgresql-migrations.ts'
import { readSnapshot } from './snapshot.ts'
import { Transactions } from './transactions.ts'

export interface PostgresqlOptions {
  /** Opens a database that servers may be using right now: it must be up to date already, and its tables are left as they are. */
  attach?: boolean
  /** Opens an empty database that a copy will fill: its tables are made, and tables of another release are refused. */
  fill?: boolean
  /** Connections of this process at most. */
  maxConnections?: number
}

const MAX_CONNECTIONS = 10

export class PostgresqlDatabase implements Database {
  readonly read: Reader
  readonly isExclusive = false
  readonly revision = undefined
  /** Whether searches have their index: false where the extension pg_trgm could not be created. */
  readonly hasSearchIndex: boolean
  readonly #url: string
  readonly #pool: pg.Pool
  readonly #transactions: Transactions

  private constructor(url: string, { maxConnections = MAX_CONNECTIONS }: PostgresqlOptions, hasSearchIndex: boolean) {
    const kysely = createKysely(createPostgresqlDialect(() => hasSearchIndex))
    this.hasSearchIndex = hasSearchIndex
    this.#url = url
    this.#pool = createPool(url, maxConnections)
    this.#transactions = new Transactions(this.#pool, kysely)
    this.read = kysely.readerOn(readingRunner(this.#pool))
  }

  /** Connects and brings the tables up to date. Throws when the server does not answer, or refuses. */
  static async open(url: string, options: PostgresqlOptions = {}): Promise<PostgresqlDatabase> {
    const client = await connectAlone(url)
    try {
      const target = postgresqlMigrations(client, createKysely(createPostgresqlDialect(() => false)))
      if (options.attach) await requireCurrent(target)
      else if (options.fill) await createTables(target)
      else await migrate(target)
      return new PostgresqlDatabase(url, options, await findSearchIndex(runnerOf(client)))
    } finally {
      await client.end()
    }
  }

  get activity(): DatabaseActivity {
    const { totalCount, idleCount, waitingCount, options } = this.#pool
    return {
      commits: this.#transactions.commits,
      pool: { open: totalCount, idle: idleCount, waiting: waitingCount, max: options.max },
    }
  }

  transaction<T>(work: Work<T>): Promise<T> {
    return this.#transactions.run(work)
  }

  async copyToFile(file: string): Promise<void> {
    await readSnapshot(this.#url, source => createSqliteFile(file, async copy => void (await copyTables(source, copy))))
  }

  /** Its disk is not ours to look at. */
  requireRoom(): void {}

  async checkHealth(): Promise<void> {
    await readingRunner(this.#pool).query('select 1', [])
  }

  async close(): Promise<void> {
    await this.#transactions.idle()
    await this.#pool.end()
  }
}
