/** What outlasts a killed process on PostgreSQL. With the embedded database the next start ends it all by itself. */
import { setTimeout as wait } from 'node:timers/promises'
import { postgresqlServer, queryDatabase } from '../support/databases.ts'

/**
 * Waits until the database server has finished what the process had given it, and then lets the time pass after which the leases of its jobs and
 * uploads end, without waiting for it.
 */
export async function endOutlasted(dataDir: string): Promise<void> {
  if (postgresqlServer() === undefined) return
  await untilAlone(dataDir)
  // A process may be killed before its first migration.
  const [table] = await queryDatabase<{ found: string | null }>(dataDir, `SELECT to_regclass('uploads') AS found`)
  if (table?.found == null) return
  await queryDatabase(dataDir, 'UPDATE uploads SET expires_at = 0')
  await queryDatabase(dataDir, 'UPDATE jobs SET run_at = 0')
}

async function untilAlone(dataDir: string): Promise<void> {
  const others = () =>
    queryDatabase(
      dataDir,
      'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    )
  for (let look = 0; look < 2000; look += 1) {
    if ((await others()).length === 0) return
    await wait(5)
  }
  throw new Error('the database still has sessions of the killed process')
}
