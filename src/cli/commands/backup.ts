import { Command } from 'commander'
import { attachRegistry } from '../../app.ts'
import type { Manifest } from '../../backup/manifest.ts'
import { type BackupResult, takeBackup } from '../../backup/take-backup.ts'
import { readConfig, requirePath } from '../../config.ts'
import { describeDamage, progressLine } from '../damage.ts'
import { CliError } from '../errors.ts'
import { count, showBytes } from '../show.ts'

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
  .action(async (target: string, { dataDir, withoutDamaged = false, json }: Options) => {
    requirePath('the backup directory', target)
    const config = readConfig({ ...process.env, ...(dataDir !== undefined && { HOLOTYPE_DATA_DIR: dataDir }) })
    await using attached = await attachRegistry(config)
    const { registry } = attached
    const progress = progressLine('copied')
    const onProgress = progress.show
    const result = await takeBackup(registry, { dataDir: config.dataDir, target, withoutDamaged, onProgress })
    progress.end()
    if (json)
      process.stdout.write(
        `${JSON.stringify({ ...result.manifest, broken: result.broken, elsewhere: result.elsewhere }, null, 2)}\n`,
      )
    else process.stderr.write(result.broken.map(describeDamage).join(''))
    const manifest = requireWhole(result, target)
    if (!json) process.stdout.write(describe(manifest, result, target))
  })

/** Throws when bytes could not be copied, which makes the exit code. */
function requireWhole({ manifest, broken }: BackupResult, target: string): Manifest {
  if (manifest) return manifest
  throw new CliError(
    'damaged',
    `there is no backup: ${count(broken.length, 'blob')} could not be copied`,
    `What lies in ${target} is incomplete. Heal the files, or go on without those known to be damaged: --without-damaged.`,
  )
}

function describe(manifest: Manifest, { broken, elsewhere }: BackupResult, target: string): string {
  const left = broken.length > 0 ? `, without ${count(broken.length, 'damaged blob')}` : ''
  const size = `${count(manifest.blobs, 'blob')}, ${showBytes(manifest.bytes)}`
  return `The registry as of ${manifest.takenAt} is in ${target} (${size}${left}).\n${describeElsewhere(elsewhere)}`
}

function describeElsewhere({ blobs, bytes }: BackupResult['elsewhere']): string {
  if (blobs === 0) return ''
  return `${count(blobs, 'more blob')}, ${showBytes(bytes)}, in buckets of storage providers are not in it: let their stores keep versions or copies.\n`
}
