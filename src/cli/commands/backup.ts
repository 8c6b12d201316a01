import { Command } from 'commander'
import { openBeside } from '../../app.ts'
import { type BackupResult, takeBackup } from '../../backup/take-backup.ts'
import { readConfig } from '../../config.ts'
import { count, describeDamage, EXIT_DAMAGED, progressLine, showBytes } from '../damage.ts'

interface Options {
  dataDir?: string
  withoutDamaged?: boolean
  json?: boolean
}

export const backup = new Command('backup')
  .description('copy the whole registry into an empty directory; also while the registry runs')
  .argument('<dir>', 'where the backup goes; must be empty or absent')
  .option('--data-dir <dir>', 'the data directory of the registry (HOLOTYPE_DATA_DIR, default ./data)')
  .option('--without-damaged', 'go on without files that are already known to be damaged')
  .option('--json', 'answer in JSON')
  .addHelpText(
    'after',
    `\nExit code ${EXIT_DAMAGED} when stored bytes are damaged or missing: then there is no backup.`,
  )
  .action(async (target: string, { dataDir, withoutDamaged = false, json }: Options) => {
    const config = readConfig({ ...process.env, ...(dataDir !== undefined && { HOLOTYPE_DATA_DIR: dataDir }) })
    const { registry, close } = await openBeside(config)
    const progress = progressLine('copied')
    try {
      const onProgress = progress.show
      const result = await takeBackup(registry, { dataDir: config.dataDir, target, withoutDamaged, onProgress })
      progress.end()
      process.stdout.write(json ? `${JSON.stringify({ ...result.manifest, broken: result.broken }, null, 2)}\n` : '')
      if (!json) describe(result, target)
      if (!result.manifest) process.exitCode = EXIT_DAMAGED
    } finally {
      await close()
    }
  })

function describe({ manifest, broken }: BackupResult, target: string): void {
  process.stderr.write(broken.map(describeDamage).join(''))
  if (!manifest) {
    process.stderr.write(
      `There is no backup: ${count(broken.length, 'blob')} could not be copied. What lies in ${target} is incomplete.\n`,
    )
    return
  }
  const left = broken.length > 0 ? `, without ${count(broken.length, 'damaged blob')}` : ''
  const size = `${count(manifest.blobs, 'blob')}, ${showBytes(manifest.bytes)}`
  process.stdout.write(`The registry as of ${manifest.takenAt} is in ${target} (${size}${left}).\n`)
}
