/** What interrupted pulls have left. */
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PARTIAL_PREFIX } from '../../client/download-file.ts'
import type { Destination } from './destination.ts'
import { openFolder } from './open-folder.ts'

/** Another pull may still be at it; after this long without a byte, in ms, it isn't. */
const ABANDONED_MS = 24 * 60 * 60_000
const NAME = new RegExp(`^${PARTIAL_PREFIX.replaceAll('.', '\\.')}[0-9a-f]{24}$`)

/**
 * Looks for files that pulls of other content have left in the folders of the files that were pulled, removes those that are abandoned, and resolves to the paths
 * of the others. What can't be looked into is passed over.
 */
export async function sweepPartialFiles(
  { base, segments }: Destination,
  files: ReadonlyArray<{ path: string }>,
): Promise<string[]> {
  const folders = new Set(files.map(({ path }) => path.split('/').slice(0, -1).join('/')))
  const left: string[] = []
  for (const path of folders) {
    const below = path === '' ? [] : path.split('/')
    left.push(...(await sweepFolder(base, [...segments, ...below]).catch(() => [])))
  }
  return left.sort()
}

async function sweepFolder(base: string, segments: string[]): Promise<string[]> {
  await using folder = await openFolder(base, segments)
  const left: string[] = []
  for (const name of (await readdir(folder.at('.'))).filter(name => NAME.test(name))) {
    const info = await lstat(folder.at(name))
    if (!info.isFile()) continue
    if (Date.now() - info.mtimeMs > ABANDONED_MS) await rm(folder.at(name), { force: true })
    else left.push(join(folder.path, name))
  }
  return left
}
