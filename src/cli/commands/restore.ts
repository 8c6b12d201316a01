import { Command } from 'commander'
import { type RestoreResult, restoreBackup } from '../../backup/restore-backup.ts'
import { readConfig } from '../../config.ts'
import { count, describeDamage, EXIT_DAMAGED, progressLine, showBytes } from '../damage.ts'

export const restore = new Command('restore')
  .description('bring a backup back into a data directory, and check every byte on the way')
  .argument('<dir>', 'the backup')
  .option('--data-dir <dir>', 'where the registry goes; must not hold one yet (HOLOTYPE_DATA_DIR, default ./data)')
  .option('--json', 'answer in JSON')
  .addHelpText('after', `\nExit code ${EXIT_DAMAGED} when the backup is damaged: then nothing is put in place.`)
  .action(async (source: string, { dataDir, json }: { dataDir?: string; json?: boolean }) => {
    const config = readConfig({ ...process.env, ...(dataDir !== undefined && { HOLOTYPE_DATA_DIR: dataDir }) })
    const progress = progressLine('checked')
    const result = await restoreBackup({ backup: source, dataDir: config.dataDir, onProgress: progress.show })
    progress.end()
    if (json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
    else describe(result, config.dataDir)
    if (!result.isRestored) process.exitCode = EXIT_DAMAGED
  })

function describe({ isRestored, databaseProblem, broken, blobs, bytes, manifest }: RestoreResult, dataDir: string) {
  process.stderr.write(broken.map(describeDamage).join(''))
  if (!isRestored) {
    const reason = databaseProblem ?? `${count(broken.length, 'blob')} damaged or missing`
    process.stderr.write(`The backup is damaged and nothing was put in place: ${reason}.\n`)
    return
  }
  const size = `${count(blobs, 'blob')}, ${showBytes(bytes)}, every one checked`
  process.stdout.write(
    `The registry as of ${manifest.takenAt} is in ${dataDir} (${size}).\nStart it with: holotype serve --data-dir ${dataDir}\n`,
  )
}
