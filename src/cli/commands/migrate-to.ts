import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { openDatabase } from '../../app.ts'
import { type MoveResult, moveRegistry } from '../../backup/move-registry.ts'
import { readConfig, requireDatabaseUrl, withoutPassword } from '../../config.ts'
import { secretKeyFile } from '../../data-dir.ts'
import { liveLine } from '../damage.ts'
import { usageError } from '../errors.ts'
import { count, shellWord } from '../show.ts'

export const migrateTo = new Command('migrate-to')
  .description('move the registry from its embedded database into PostgreSQL; the files stay where they are')
  .argument('[database-url]', 'an empty PostgreSQL database; "-" or nothing takes HOLOTYPE_DATABASE_URL')
  .option('--data-dir <dir>', 'the data directory of the registry (HOLOTYPE_DATA_DIR, default ./data)')
  .option('--json', 'answer in JSON')
  .action(async (argument: string | undefined, options: { dataDir?: string; json?: boolean }) => {
    const { dataDir, databaseUrl } = readTarget(argument, options.dataDir)
    const line = liveLine()
    const result = await moveRegistry({
      dataDir,
      database: withoutPassword(databaseUrl),
      openTarget: () => openDatabase({ dataDir, databaseUrl }, { fill: true }),
      onProgress: rows => line.show(() => `copied ${count(rows, 'row')}`),
    }).finally(() => line.end())
    process.stdout.write(
      options.json ? `${JSON.stringify({ dataDir, ...result }, null, 2)}\n` : describe(dataDir, result),
    )
  })

function readTarget(argument: string | undefined, dataDir: string | undefined) {
  const config = readConfig({ ...process.env, ...(dataDir !== undefined && { HOLOTYPE_DATA_DIR: dataDir }) })
  const isNamed = argument !== undefined && argument !== '-'
  const databaseUrl = isNamed ? requireDatabaseUrl('the database', argument) : config.databaseUrl
  if (databaseUrl !== undefined) return { dataDir: config.dataDir, databaseUrl }
  throw usageError(
    'no database is named',
    'Give its URL, or set HOLOTYPE_DATABASE_URL, where other users of this machine do not see it.',
  )
}

function describe(dataDir: string, { database, tables }: MoveResult): string {
  const rows = Object.values(tables).reduce((sum, table) => sum + table.rows, 0)
  const names = Object.keys(tables).length
  return `The registry of ${dataDir} is now in ${database}: ${count(rows, 'row')} in ${count(names, 'table')}, all compared.
Its files stay in ${dataDir}. Start it with both:

  HOLOTYPE_DATABASE_URL=${shellWord(database)} HOLOTYPE_DATA_DIR=${shellWord(dataDir)} npx holotype serve

(If the database needs a password, add it to the URL.)${describeKey(dataDir)} The old database is still there as it was; registry.moved keeps it from being
started by mistake.
`
}

/** With PostgreSQL the key of the secrets is a setting. */
function describeKey(dataDir: string): string {
  const file = secretKeyFile(dataDir)
  if (!existsSync(file)) return ''
  return ` It needs HOLOTYPE_SECRET_KEY as well, with what is in
${file}, or it can't use the secrets of its storage providers.`
}
