/** What is in a folder beside the files of a version. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PARTIAL_PREFIX } from '../../client/download-file.ts'

/**
 * The paths below a folder that are not among `expected`, at most `max` of them. Links are not followed, and what can't be looked into
 * is passed over.
 */
export async function findExtraFiles(root: string, expected: ReadonlySet<string>, max: number): Promise<string[]> {
  const extra: string[] = []
  const look = async (folder: string, prefix: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      const path = `${prefix}${entry.name}`.normalize('NFC')
      if (extra.length >= max) return
      if (entry.isDirectory()) await look(join(folder, entry.name), `${path}/`)
      else if (!expected.has(path) && !entry.name.startsWith(PARTIAL_PREFIX)) extra.push(path)
    }
  }
  await look(root, '')
  return extra.sort()
}
