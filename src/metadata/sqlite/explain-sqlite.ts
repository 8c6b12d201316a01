/** Why a database file can't be used, in words: SQLite's own name neither the file nor what to do. */
import { closeSync, openSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'

/** What the low byte of SQLite's code means for the owner of a file. */
const WORDS: Record<number, (file: string) => string> = {
  5: file => `another process has ${file} open; stop it, and try again`,
  7: file => `there is not enough memory to open ${file}`,
  8: file => `${file} may not be written: give it to the user that runs Holotype, on a file system mounted for writing`,
  10: file => `the disk fails to read or write ${file}: look into the log of the system before anything else`,
  11: file => `${file} is damaged: restore a backup into another directory`,
  13: file => `there is no room left for ${file}: make room on its disk`,
  26: file => `${file} is no SQLite database: bring the right file back, or restore a backup into another directory`,
}

const CANTOPEN = 14

/** The failure with which SQLite did not open `file`, as an error that names the file. What is no failure of SQLite passes unchanged. */
export function explainSqliteError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error
  const code = Number(error.errcode) & 0xff
  const words = WORDS[code]
  if (words) return new Error(`${words(file)} (${error.message})`, { cause: error })
  if (code === CANTOPEN)
    return new Error(`${file} can't be opened: ${findReason(file) ?? error.message}`, { cause: error })
  return error
}

/** SQLite hides why the system did not open a file: too many open files, or no right to. */
function findReason(file: string): string | undefined {
  try {
    closeSync(openSync(file, 'r+'))
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Throws when the tables in the database are those of something else: ours would come among them. */
export function refuseForeignTables(database: DatabaseSync, file: string): void {
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  const names = new Set(tables.map(row => row['name']))
  if (names.size === 0 || (names.has('teams') && names.has('api_keys') && names.has('blobs'))) return
  throw new Error(`${file} is the database of something else: choose another data directory`)
}
