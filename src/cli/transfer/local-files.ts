/** The files of a folder as a version will hold them. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { PARTIAL_PREFIX } from '../../client/download-file.ts'
import { findErrorCode } from '../../client/errors.ts'
import { findPathProblem, pathKey } from '../../domain/file-path.ts'
import { usageError } from '../errors.ts'

export interface LocalFile {
  /** In the version. */
  path: string
  /** On this machine. */
  file: string
  /** In bytes. */
  size: number
}

export interface LocalFiles {
  files: LocalFile[]
  /** What was left out on purpose, as paths in the folder. */
  skipped: string[]
}

/** Belong to tools on this machine, never to a model. */
const SKIPPED_NAMES = new Set(['.git', '.DS_Store', 'Thumbs.db'])

/**
 * All files under a folder, or the one file that `root` is, sorted by path. A link to a file counts as that file; a link to a folder is
 * refused, as are names that a version can't hold: nothing is left out silently. Throws a `CliError`.
 */
export async function findLocalFiles(root: string): Promise<LocalFiles> {
  const info = await stat(root).catch(error => {
    if (findErrorCode(error) === 'ENOENT') throw usageError(`there is no file or folder ${root}`)
    throw error
  })
  const found: LocalFiles = { files: [], skipped: [] }
  if (info.isDirectory()) await walk(root, '', found)
  else await take(root, toPath(basename(root)), found)
  if (found.files.length === 0) throw usageError(`there is no file in ${root}`)
  found.files.sort((a, b) => (a.path < b.path ? -1 : 1))
  requirePaths(found.files)
  return found
}

async function walk(folder: string, prefix: string, found: LocalFiles): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = toPath(`${prefix}${entry.name}`)
    const isSkipped = SKIPPED_NAMES.has(entry.name) || entry.name.startsWith(PARTIAL_PREFIX)
    if (isSkipped) found.skipped.push(path)
    else if (entry.isDirectory()) await walk(join(folder, entry.name), `${path}/`, found)
    else await take(join(folder, entry.name), path, found)
  }
}

async function take(file: string, path: string, found: LocalFiles): Promise<void> {
  const info = await stat(file).catch(error => {
    if (findErrorCode(error) === 'ENOENT') throw usageError(`${file} is a link to nothing`)
    throw error
  })
  if (info.isFile()) found.files.push({ path, file, size: info.size })
  else if (info.isDirectory()) throw usageError(`${file} is a link to a folder`, 'Put the folder itself there.')
  else throw usageError(`${file} is neither a file nor a folder`)
}

/** Some systems keep names decomposed; a version has them in one form everywhere. */
function toPath(name: string): string {
  return name.normalize('NFC')
}

/** Found before the first byte goes out, all at once. */
function requirePaths(files: LocalFile[]): void {
  const problems = files.flatMap(({ path }) => {
    const problem = findPathProblem(path)
    return problem === undefined ? [] : [`the path "${path}" ${problem}`]
  })
  const known = new Map<string, string>()
  for (const { path } of files) {
    const other = known.get(pathKey(path))
    if (other !== undefined) problems.push(`the paths "${other}" and "${path}" differ only in case`)
    known.set(pathKey(path), path)
  }
  const [first] = problems
  if (first === undefined) return
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more such names)` : ''
  throw usageError(`${first}${more}`, 'Rename it, then push again.')
}

/**
 * The paths below a folder that are not among `expected`, at most `max` of them. Links are not followed, and what can't be looked into
 * is passed over.
 */
export async function findExtraFiles(root: string, expected: ReadonlySet<string>, max: number): Promise<string[]> {
  const extra: string[] = []
  const look = async (folder: string, prefix: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      const path = toPath(`${prefix}${entry.name}`)
      if (extra.length >= max) return
      if (entry.isDirectory()) await look(join(folder, entry.name), `${path}/`)
      else if (!expected.has(path) && !entry.name.startsWith(PARTIAL_PREFIX)) extra.push(path)
    }
  }
  await look(root, '')
  return extra.sort()
}
