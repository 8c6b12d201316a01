/** Where a pull may write: below one folder, whatever the registry says. */
import { lstat, mkdir } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { findErrorCode, IntegrityError } from '../../client/errors.ts'
import type { ListedFile } from '../../client/list-files.ts'
import { findPathProblem, folderKeys, pathKey } from '../../domain/file-path.ts'
import { CliError } from '../errors.ts'

/** Refuses a list with a path that no version can hold, before anything is written. Throws an `IntegrityError`. */
export function requireSafePaths(files: readonly ListedFile[]): void {
  const known = new Set<string>()
  for (const { path } of files) {
    const problem = findPathProblem(path)
    if (problem) throw new IntegrityError(`the registry lists a file whose path ${problem}; nothing was written`)
    if (known.has(pathKey(path))) throw new IntegrityError(`the registry lists "${path}" twice; nothing was written`)
    known.add(pathKey(path))
  }
  for (const { path } of files) {
    const folder = folderKeys(pathKey(path)).find(key => known.has(key))
    if (folder === undefined) continue
    throw new IntegrityError(`the registry lists "${folder}" both as a file and as a folder; nothing was written`)
  }
}

/** What a path of a version is called below `root`. */
export function localPath(root: string, path: string): string {
  return join(root, ...path.split('/'))
}

/**
 * Makes the folder that a file goes into, a level at a time. Throws a `CliError` when one of them is a link: it could lead anywhere. `root`
 * itself is the user's own choice, and may be one.
 */
export async function makeFolders(root: string, path: string): Promise<void> {
  await mkdir(root, { recursive: true })
  let folder = root
  for (const segment of path.split('/').slice(0, -1)) {
    folder = join(folder, segment)
    await mkdir(folder).catch(error => {
      if (findErrorCode(error) !== 'EEXIST') throw error
    })
    const info = await lstat(folder)
    if (info.isSymbolicLink()) throw blocked(folder, 'is a link, which could lead anywhere')
    if (!info.isDirectory()) throw blocked(folder, 'is a file, where the version has a folder')
  }
}

/** The size of what is at `file`: undefined when there is nothing, or a link, which a rename replaces. Throws a `CliError` for a folder. */
export async function findLocalSize(root: string, path: string): Promise<number | undefined> {
  const file = localPath(root, path)
  const info = await lstat(file).catch(error => {
    const code = findErrorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  })
  if (info?.isDirectory()) throw blocked(file, 'is a folder, where the version has a file')
  return info?.isFile() && !(await leadsElsewhere(root, path)) ? info.size : undefined
}

/** A file seen through a linked folder is not there: fetching it will say so. */
async function leadsElsewhere(root: string, path: string): Promise<boolean> {
  for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) {
    if ((await lstat(localPath(root, folder))).isSymbolicLink()) return true
  }
  return false
}

function blocked(file: string, what: string): CliError {
  return new CliError('conflict', `${file} ${what}`, 'Move it away, or pull into another folder.')
}
