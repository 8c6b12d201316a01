/** Where the rows of a measured registry are: in a file of its data directory, or on a PostgreSQL server that the benchmark starts. */
import { dirname } from 'node:path'
import { createDatabase } from '../../test/support/postgresql-databases.ts'
import { findPostgresql, NO_POSTGRESQL, startPostgresql } from '../../test/support/postgresql-server.ts'

export interface Engine {
  /** As people write it. */
  title: string
  /** Why it can't be measured on this machine, if so. */
  whyMissing(): string | undefined
  /** @param dir the figure's directory, on the disk that is measured. */
  start(dir: string): Promise<Databases>
}

export interface Databases extends AsyncDisposable {
  /** Makes an empty database. Undefined: the registry makes its own, in its data directory. */
  create(): Promise<string | undefined>
}

export const sqlite: Engine = {
  title: 'SQLite',
  whyMissing: () => undefined,
  start: async () => ({ create: async () => undefined, async [Symbol.asyncDispose]() {} }),
}

export const postgresql: Engine = {
  title: 'PostgreSQL',
  whyMissing: () => (findPostgresql() === undefined ? NO_POSTGRESQL : undefined),
  async start(dir) {
    // Beside the figure's own directory, which the server's user can't enter.
    const server = await startPostgresql({ isDurable: true, parent: dirname(dir) })
    return { create: () => createDatabase(server.url), [Symbol.asyncDispose]: () => server.close() }
  },
}
