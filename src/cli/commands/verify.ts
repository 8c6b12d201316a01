import { Command } from 'commander'
import { attachRegistry } from '../../app.ts'
import { readConfig } from '../../config.ts'
import { measureStored, verifyBlobs } from '../../registry/blobs/verify-blobs.ts'
import type { Registry } from '../../registry/registry.ts'
import { type DamagedBytes, describeDamage, progressLine } from '../damage.ts'
import { CliError } from '../errors.ts'
import { count, showBytes } from '../show.ts'

export const verify = new Command('verify')
  .description('read every stored byte again and name what is damaged or missing; also while the registry runs')
  .option('--data-dir <dir>', 'the data directory of the registry (HOLOTYPE_DATA_DIR, default ./data)')
  .option('--json', 'answer in JSON')
  .action(async ({ dataDir, json }: { dataDir?: string; json?: boolean }) => {
    const config = readConfig({ ...process.env, ...(dataDir !== undefined && { HOLOTYPE_DATA_DIR: dataDir }) })
    await using attached = await attachRegistry(config)
    const { registry } = attached
    const result = await readAll(registry)
    process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : describe(result))
    requireIntact(result)
  })

interface Result {
  blobs: number
  bytes: number
  damaged: Array<DamagedBytes & { problem: string }>
}

async function readAll(registry: Registry): Promise<Result> {
  const result: Result = { blobs: 0, bytes: 0, damaged: [] }
  const progress = progressLine('read')
  const total = await measureStored(registry)
  for await (const { blob, problem } of verifyBlobs(registry)) {
    result.blobs += 1
    result.bytes += blob.size
    progress.show(result, total)
    if (!problem) continue
    const { kind, reason, uses } = problem
    result.damaged.push({ blobId: blob.id, sha256: blob.sha256, problem: kind, reason, uses })
  }
  progress.end()
  return result
}

function describe({ blobs, bytes, damaged }: Result): string {
  if (damaged.length > 0) return damaged.map(describeDamage).join('')
  return `All bytes are as they were accepted (${count(blobs, 'blob')}, ${showBytes(bytes)}).\n`
}

/** Throws when something is damaged, which makes the exit code. */
function requireIntact({ blobs, bytes, damaged }: Result): void {
  if (damaged.length === 0) return
  throw new CliError(
    'damaged',
    `${damaged.length} of ${count(blobs, 'blob')}, ${showBytes(bytes)}, damaged or missing`,
    'Upload these files again into any draft: right bytes heal every version that refers to them.',
  )
}
