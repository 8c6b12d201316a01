/** Where a pull may write: below one folder, whatever the registry says. */
import { lstat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { findErrorCode, IntegrityError } from '../../client/errors.ts'
import type { ListedFile } from '../../client/list-files.ts'
import { findPathProblem, findRepositoryFolder, folderKeys, pathKey } from '../../domain/file-path.ts'
import { usageError } from '../errors.ts'
import { blocked, nameFolder, openFolder } from './open-folder.ts'

export interface Destination {
  /** All files go below it. */
  directory: string
  /** The part of it that the user has chosen, which may be a link. */
  base: string
  /** The rest of it, which has been made from the model's name. */
  segments: string[]
}

/**
 * The folder that the user names, or one with the model's name in the working directory. Such a name may be anything: it is taken only when
 * it can't lead out of there, hide itself, or mean something to a shell. Throws a `CliError`.
 */
export function chooseDestination(folder: string | undefined, name: string): Destination {
  if (folder !== undefined) return { directory: resolve(folder), base: resolve(folder), segments: [] }
  const problem = findPathProblem(name) ?? findOddBeginning(name)
  if (problem) {
    const advice = 'Say where: holotype pull <model> <folder>'
    throw usageError(`the model's name is no name for a folder: it ${problem}`, advice)
  }
  return { directory: resolve(name), base: resolve('.'), segments: name.split('/') }
}

function findOddBeginning(name: string): string | undefined {
  return /(^|\/)[.~-]/.test(name) ? 'must not begin with ".", "~" or "-"' : undefined
}

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
  const repository = findRepositoryFolder(files.map(file => file.path))
  if (repository === undefined) return
  const where = repository === '' ? 'the version itself' : `its folder "${repository}"`
  throw new IntegrityError(`${where} would be a git repository, in which git runs what it names; nothing was written`)
}

/** What a path of a version is called below `root`. */
export function localPath(root: string, path: string): string {
  return join(root, ...path.split('/'))
}

/**
 * Calls `write` with the name of the file that a path of the version means, while its folder is held open; folders that are missing are made. Throws
 * a `CliError` when one of them is a link.
 */
export async function writeBelow<T>(
  { base, segments }: Destination,
  path: string,
  write: (file: string) => Promise<T>,
): Promise<T> {
  const folders = [...segments, ...path.split('/')]
  const name = folders.pop() ?? ''
  await using folder = await openFolder(base, folders)
  try {
    return await write(folder.at(name))
  } catch (error) {
    throw nameFolder(error, folder)
  }
}

/** The size of what is at `path`: undefined when there is nothing, or a link, which a rename replaces. Throws a `CliError` for a folder. */
export async function findLocalSize({ base, segments }: Destination, path: string): Promise<number | undefined> {
  const file = localPath(base, [...segments, path].join('/'))
  const info = await lstat(file).catch(error => {
    const code = findErrorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  })
  if (info?.isDirectory()) throw blocked(file, 'is a folder, where the version has a file')
  return info?.isFile() && !(await leadsElsewhere(base, [...segments, ...path.split('/')])) ? info.size : undefined
}

/** A file seen through a linked folder is not there: fetching it will say so. */
async function leadsElsewhere(base: string, segments: string[]): Promise<boolean> {
  for (let depth = segments.length - 1; depth > 0; depth -= 1) {
    if ((await lstat(join(base, ...segments.slice(0, depth)))).isSymbolicLink()) return true
  }
  return false
}
