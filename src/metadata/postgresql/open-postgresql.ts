import { PostgresqlDatabase, type PostgresqlOptions } from './postgresql-database.ts'
import { isConnectionLost } from './postgresql-errors.ts'

/** Opens the database behind a URL. Throws a sentence that says where it was looked for, without the password. */
export async function openPostgresql(url: string, options: PostgresqlOptions = {}): Promise<PostgresqlDatabase> {
  try {
    return await PostgresqlDatabase.open(url, options)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const { host, pathname } = new URL(url)
    const what = isConnectionLost(error) ? 'does not answer' : 'can not be used'
    throw new Error(`the database ${pathname.slice(1)} at ${host} ${what}: ${reason}`, { cause: error })
  }
}
