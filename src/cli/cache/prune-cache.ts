import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface Pruned {
  files: number
  bytes: number
  keptFiles: number
  keptBytes: number
}

/** Removes what was not used since `before`, in ms since 1970. Only plain files with names that the cache itself gives. */
export async function pruneCache(directory: string, before: number): Promise<Pruned> {
  const pruned: Pruned = { files: 0, bytes: 0, keptFiles: 0, keptBytes: 0 }
  const root = join(directory, 'sha256')
  for (const folder of await listNames(root, /^[0-9a-f]{2}$/)) {
    for (const name of await listNames(join(root, folder), OWN_NAME)) {
      const file = join(root, folder, name)
      const info = await lstat(file).catch(() => undefined)
      if (!info?.isFile()) continue
      if (info.mtimeMs >= before) {
        pruned.keptFiles += 1
        pruned.keptBytes += info.size
        continue
      }
      await rm(file, { force: true })
      pruned.files += 1
      pruned.bytes += info.size
    }
  }
  return pruned
}

const OWN_NAME = /^([0-9a-f]{64}|\.holotype-part-[0-9a-f-]+)$/

/** A link is not followed. */
async function listNames(folder: string, pattern: RegExp): Promise<string[]> {
  const info = await lstat(folder).catch(() => undefined)
  if (!info?.isDirectory()) return []
  return (await readdir(folder)).filter(name => pattern.test(name))
}
