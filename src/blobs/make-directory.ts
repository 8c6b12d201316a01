/** Directories that survive a power cut: a new name is durable only when the directory that holds it has been synced. */
import { constants } from 'node:fs'
import { mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a directory (mode 0700) with the parents that are missing, and syncs each new name into its parent, up to a directory that existed.
 * Rejects with the file system's error. `path` is absolute; `sync` makes the names in a directory durable.
 */
export async function makeDirectory(path: string, sync = syncDirectory): Promise<void> {
  const missing: string[] = []
  let existing = path
  for (; !(await isDirectory(existing)); existing = dirname(existing)) missing.unshift(existing)
  // A process that was killed may have made this one without syncing it. Its parent may be closed to us: then somebody else made it.
  await sync(dirname(existing)).catch((error: unknown) => {
    if (!hasCode(error, 'EACCES')) throw error
  })
  for (const directory of missing) {
    await mkdir(directory, { mode: 0o700 }).catch(async (error: unknown) => {
      // Another process makes the same directories.
      if (!hasCode(error, 'EEXIST') || !(await isDirectory(directory))) throw error
    })
    await sync(dirname(directory))
  }
}

/** False when there is nothing at the path. Throws when there is something else. Follows links. */
async function isDirectory(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
  throw Object.assign(new Error(`${path} is not a directory`), { code: 'ENOTDIR' })
}

/** Makes the names in a directory durable. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** Whether a failure of the file system carries one of these codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
}
