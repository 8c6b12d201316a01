import type { Reader } from '../database.ts'
import { connectAlone, runnerOf } from './connections.ts'
import { createPostgresqlDialect } from './postgresql-dialect.ts'
import { createKysely } from './postgresql-driver.ts'
import { translate } from './postgresql-errors.ts'

/** Runs `work` on the database as it is at one moment, on a connection of its own, however long that takes. Holds up no writer. */
export async function readSnapshot<T>(url: string, work: (db: Reader) => Promise<T>): Promise<T> {
  try {
    const client = await connectAlone(url)
    try {
      await client.query('begin isolation level repeatable read, read only')
      return await work(createKysely(createPostgresqlDialect(() => false)).readerOn(runnerOf(client)))
    } finally {
      await client.end().catch(() => {})
    }
  } catch (error) {
    throw translate(error)
  }
}
