import { ConfigError } from '../config.ts'
import { findUsedTable } from '../metadata/copy-tables.ts'
import type { Reader } from '../metadata/database.ts'

/** Throws a `ConfigError` unless the database has no row of ours. `database` is its name for the sentence. */
export async function requireEmptyDatabase(db: Reader, database: string): Promise<void> {
  const used = await findUsedTable(db)
  if (used === undefined) return
  throw new ConfigError(`the database ${database} is not empty (there are rows in ${used}); make an empty one for this`)
}
