/** Brings a database's tables up to date. Forward only, each step in its own transaction, so that a failed one leaves the step before. */
import type { Transaction } from './database.ts'
import * as initial from './migrations/001-initial.ts'
import * as manyProcesses from './migrations/002-many-processes.ts'

export interface Migration {
  up(trx: Transaction): Promise<void>
}

/** How a database keeps count of its steps. */
export interface MigrationTarget {
  /** Runs `work` while no other process migrates the same database. */
  exclusively<T>(work: () => Promise<T>): Promise<T>
  /** How many steps the tables have been through. */
  readStep(): Promise<number>
  /** Runs a step and counts it, in one transaction. */
  apply(migration: Migration, step: number): Promise<void>
}

/** The list is the order. A released step is never edited: data out there has already been through it. */
const MIGRATIONS: Migration[] = [initial, manyProcesses]

/** How many steps the tables of this release have been through. */
export const CURRENT_STEP = MIGRATIONS.length

/** Throws when the tables were written by a newer Holotype than this one. */
export async function migrate(target: MigrationTarget, migrations: Migration[] = MIGRATIONS): Promise<void> {
  await target.exclusively(async () => {
    const at = await target.readStep()
    refuseNewer(at, migrations)
    for (const [index, migration] of migrations.entries()) {
      if (index >= at) await target.apply(migration, index + 1)
    }
  })
}

/** Makes the tables of an empty database. Throws, and changes nothing, where there are tables of another release. */
export async function createTables(target: MigrationTarget): Promise<void> {
  const at = await target.readStep()
  if (at === 0) return await migrate(target)
  if (at !== CURRENT_STEP) throw new Error('the database has tables of another release already; an empty one is needed')
}

/** Throws unless the tables are just those this Holotype works with: for a process that uses a database but doesn't own its tables. */
export async function requireCurrent(target: MigrationTarget, migrations: Migration[] = MIGRATIONS): Promise<void> {
  const at = await target.readStep()
  refuseNewer(at, migrations)
  if (at === migrations.length) return
  throw new Error(
    `the database is at step ${at} of ${migrations.length}: start the registry once with this release, which brings it up to date`,
  )
}

function refuseNewer(at: number, migrations: Migration[]): void {
  if (at <= migrations.length) return
  throw new Error(
    `the database is at step ${at}, but this Holotype knows only ${migrations.length}: use a newer release`,
  )
}
