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
    const result = await readAll(attached.registry, json ? jsonReport() : textReport())
    requireIntact(result)
  })

interface Damage extends DamagedBytes {
  problem: string
}

interface Result {
  blobs: number
  bytes: number
  damaged: number
}

/** Tells of each damage as it is found: everything may be damaged, and there may be millions. */
interface Report {
  add(damage: Damage): void
  end(result: Result): void
}

async function readAll(registry: Registry, report: Report): Promise<Result> {
  const result: Result = { blobs: 0, bytes: 0, damaged: 0 }
  const progress = progressLine('read')
  const total = await measureStored(registry)
  for await (const { blob, problem } of verifyBlobs(registry)) {
    result.blobs += 1
    result.bytes += blob.size
    progress.show(result, total)
    if (!problem) continue
    const { kind, reason, uses } = problem
    result.damaged += 1
    progress.end()
    report.add({ blobId: blob.id, sha256: blob.sha256, problem: kind, reason, uses })
  }
  progress.end()
  report.end(result)
  return result
}

function textReport(): Report {
  return {
    add: damage => void process.stdout.write(describeDamage(damage)),
    end({ blobs, bytes, damaged }) {
      if (damaged > 0) return
      process.stdout.write(`All bytes are as they were accepted (${count(blobs, 'blob')}, ${showBytes(bytes)}).\n`)
    },
  }
}

/** One object: `{damaged: […], blobs, bytes}`. */
function jsonReport(): Report {
  let separator = ''
  process.stdout.write('{\n  "damaged": [')
  return {
    add(damage) {
      process.stdout.write(`${separator}\n    ${JSON.stringify(damage)}`)
      separator = ','
    },
    end({ blobs, bytes }) {
      process.stdout.write(`${separator && '\n  '}],\n  "blobs": ${blobs},\n  "bytes": ${bytes}\n}\n`)
    },
  }
}

/** Throws when something is damaged, which makes the exit code. */
function requireIntact({ blobs, bytes, damaged }: Result): void {
  if (damaged === 0) return
  throw new CliError(
    'damaged',
    `${damaged} of ${count(blobs, 'blob')}, ${showBytes(bytes)}, damaged or missing`,
    'Upload these files again into any draft: right bytes heal every version that refers to them.',
  )
}
