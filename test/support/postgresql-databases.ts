/** Databases on a PostgreSQL server of the tests, each for one registry. */
import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

/** Runs one statement on a connection of its own and answers the rows. */
export async function runSql<T extends object>(url: string, statement: string, values: unknown[] = []): Promise<T[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<T>(statement, values)).rows
  } finally {
    await client.end()
  }
}

/** Makes an empty database and answers its URL. `options` are those of CREATE DATABASE. */
export async function createDatabase(serverUrl: string, options = ''): Promise<string> {
  const name = `t_${randomBytes(8).toString('hex')}`
  await runSql(serverUrl, `CREATE DATABASE ${name} TEMPLATE template0 ${options}`)
  const url = new URL(serverUrl)
  url.pathname = name
  return url.href
}

/** Removes a database that `createDatabase` has made, whoever is connected to it. */
export async function dropDatabase(url: string): Promise<void> {
  const server = new URL(url)
  const name = server.pathname.slice(1)
  if (!/^t_[0-9a-f]+$/.test(name)) throw new Error(`${name} is no database of a test`)
  server.pathname = 'postgres'
  await runSql(server.href, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
}
