import { Command } from 'commander'
import { attachRegistry } from '../../app.ts'
import { readConfig } from '../../config.ts'
import { findUnknownBytes } from '../../registry/blobs/find-unknown-bytes.ts'
import { removeUnknownBytes } from '../../registry/blobs/remove-unknown-bytes.ts'
import { count } from '../show.ts'

interface Options {
  dataDir?: string
  remove?: boolean
  json?: boolean
}

export const sweep = new Command('sweep')
  .description(
    'count stored blobs that the database does not know, and remove them if asked; also while the registry runs',
  )
  .option('--data-dir <dir>', 'the data directory of the registry (HOLOTYPE_DATA_DIR, default ./data)')
  .option('--remove', 'remove them for good: only when you are sure that the database is the right one')
  .option('--json', 'answer in JSON')
  .action(async ({ dataDir, remove = false, json }: Options) => {
    const config = readConfig({ ...process.env, ...(dataDir !== undefined && { HOLOTYPE_DATA_DIR: dataDir }) })
    await using attached = await attachRegistry(config)
    const { registry } = attached
    const unknown = await findUnknownBytes(registry)
    const removed = remove ? await removeUnknownBytes(registry, registry.clock.now()) : 0
    const result = { unknown, removed }
    process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : describe(result))
  })

function describe({ unknown, removed }: { unknown: number; removed: number }): string {
  if (unknown === 0) return 'The database knows every stored blob.\n'
  if (removed > 0) return `Removed ${count(removed, 'blob')} that the database did not know.\n`
  return `The database does not know ${count(unknown, 'stored blob')}. Is it the right one, and not an older copy? If so: holotype sweep --remove\n`
}
