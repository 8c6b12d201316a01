import { rm } from 'node:fs/promises'
import { ConfigError } from '../config.ts'
import { lockDataDir } from '../data-dir/lock.ts'
import { requireUsableDataDir } from '../data-dir/own-directory.ts'
import { databaseFile, type Move, movedFile, refuseMoved, requireRegistry } from '../data-dir.ts'
import { copyTables } from '../metadata/copy-tables.ts'
import { CommitUnknownError, type Database, type Reader } from '../metadata/database.ts'
import { findInstance } from '../metadata/instance.ts'
import { readSqlite } from '../metadata/sqlite/sqlite-copy.ts'
import type { TableDigests } from '../metadata/table-rows.ts'
import { writeDurably } from './durable-files.ts'
import { requireEmptyDatabase } from './empty-database.ts'

export interface MoveOptions {
  dataDir: string
  /** The target, as it may be shown. */
  database: string
  /** Opens the target, which must be empty. Called once nothing else speaks against the move. */
  openTarget(): Promise<Database>
  onProgress?: (rows: number) => void
}

export interface MoveResult extends Move {
  tables: TableDigests
}

/**
 * Moves an embedded registry into another database: all rows are copied there and compared. The bytes stay in the data directory, and so does
 * the old database, which a mark keeps from being used. The mark is written before the copy becomes usable, so that at no moment a server
 * can be started on either.
 */
export async function moveRegistry(options: MoveOptions): Promise<MoveResult> {
  const { dataDir, database } = options
  await requireUsableDataDir(dataDir)
  requireRegistry(dataDir)
  await using opened = new AsyncDisposableStack()
  opened.defer(lockDataDir(dataDir))
  refuseMoved(dataDir)
  const source = opened.use(await readSqlite(databaseFile(dataDir)))
  const target = opened.adopt(await options.openTarget(), db => db.close())
  await requireEmptyDatabase(target.read, database)
  return await copyAndMark(source.read, target, options)
}

async function copyAndMark(
  source: Reader,
  target: Database,
  { dataDir, database, onProgress }: MoveOptions,
): Promise<MoveResult> {
  const instance = await findInstance(source)
  if (!instance) throw new ConfigError(`the registry in ${dataDir} was never started; there is nothing to move`)
  const move: Move = { movedAt: new Date().toISOString(), instanceId: instance.id, database }
  const beforeLast = () => writeDurably(movedFile(dataDir), `${JSON.stringify(move, null, 2)}\n`)
  try {
    return { ...move, tables: await copyTables(source, target, { beforeLast, onProgress }) }
  } catch (error) {
    // Where the commit may have been kept, the mark stays: the copy may be in use soon.
    if (!(error instanceof CommitUnknownError)) await rm(movedFile(dataDir), { force: true })
    throw error
  }
}
