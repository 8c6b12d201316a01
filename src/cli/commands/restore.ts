import { Command } from 'commander'
import { openDatabase } from '../../app.ts'
import { type RestoreResult, restoreBackup } from '../../backup/restore-backup.ts'
import { type Config, readConfig, requirePath, withoutPassword } from '../../config.ts'
import { describeDamage, progressLine } from '../damage.ts'
import { CliError } from '../errors.ts'
import { count, shellWord, showBytes } from '../show.ts'

export const restore = new Command('restore')
  .description('bring a backup back into a data directory, or a database, and check every byte on the way')
  .argument('<dir>', 'the backup')
  .option('--data-dir <dir>', 'where the registry goes; must not hold one yet (HOLOTYPE_DATA_DIR, default ./data)')
  .option('--json', 'answer in JSON')
  .action(async (source: string, { dataDir, json }: { dataDir?: string; json?: boolean }) => {
    requirePath('the backup directory', source)
    const config = readConfig({ ...process.env, ...(dataDir !== undefined && { HOLOTYPE_DATA_DIR: dataDir }) })
    const progress = progressLine('checked')
    const { dataDir: place, databaseUrl } = config
    const openTarget = databaseUrl === undefined ? undefined : () => openDatabase(config, { fill: true })
    const result = await restoreBackup({ backup: source, dataDir: place, openTarget, onProgress: progress.show })
    progress.end()
    if (json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
    else process.stderr.write(result.broken.map(describeDamage).join(''))
    requireRestored(result)
    if (!json) process.stdout.write(describe(result, config))
  })

/** Throws when the backup is damaged, which makes the exit code. */
function requireRestored({ isRestored, databaseProblem, broken }: RestoreResult): void {
  if (isRestored) return
  const reason = databaseProblem ?? `${count(broken.length, 'blob')} damaged or missing`
  throw new CliError('damaged', `the backup is damaged and nothing was put in place: ${reason}`)
}

function describe({ blobs, bytes, manifest }: RestoreResult, { dataDir, databaseUrl }: Config): string {
  const size = `${count(blobs, 'blob')}, ${showBytes(bytes)}, every one checked`
  const place = databaseUrl === undefined ? dataDir : `${withoutPassword(databaseUrl)}, its bytes in ${dataDir}`
  const advice = databaseUrl === undefined ? '' : ', with the same HOLOTYPE_DATABASE_URL'
  return `The registry as of ${manifest.takenAt} is in ${place} (${size}).\nStart it with: holotype serve --data-dir ${shellWord(dataDir)}${advice}\n`
}
