/** The files of a folder as a version will hold them. */
import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { PARTIAL_PREFIX } from '../../client/download-file.ts'
import { findErrorCode } from '../../client/errors.ts'
import { CliError, usageError } from '../errors.ts'
import type { SelectionOptions } from '../patterns.ts'
import { findNameProblems } from './name-problems.ts'
import { createRules, IGNORE_FILE, type LeftOut, type Rules, withIgnoreFile } from './rules.ts'

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
  leftOut: LeftOut[]
}

/** Belong to tools on this machine, never to a model. */
const TOOL_NAMES = new Set(['.git', '.DS_Store', 'Thumbs.db', IGNORE_FILE])
/** How many problems are shown. */
const PROBLEMS_SHOWN = 20

interface Walk extends LocalFiles {
  problems: string[]
  signal: AbortSignal
}

/**
 * All files under a folder that are meant, or the one file that `root` is, sorted by path. A link to a file counts as that file; a link
 * to a folder is refused, as are names that a version can't hold: nothing is left out silently. Throws a `CliError` with all problems.
 */
export async function findFiles(
  root: string,
  { selection, signal }: { selection: SelectionOptions; signal: AbortSignal },
): Promise<LocalFiles> {
  const info = await stat(root).catch(error => {
    if (findErrorCode(error) === 'ENOENT') throw usageError(`there is no file or folder ${root}`)
    throw error
  })
  const walk: Walk = { files: [], leftOut: [], problems: [], signal }
  if (info.isDirectory()) await lookInto(root, { prefix: '', rules: createRules(selection), walk })
  else await take(root, toPath(basename(root)), walk)
  walk.files.sort((a, b) => (a.path < b.path ? -1 : 1))
  requireNone([...walk.problems, ...findNameProblems(walk.files)])
  if (walk.files.length === 0)
    throw usageError(`there is no file in ${root}${walk.leftOut.length > 0 ? ' that is not left out' : ''}`)
  return { files: walk.files, leftOut: walk.leftOut }
}

async function lookInto(
  folder: string,
  { prefix, rules: outer, walk }: { prefix: string; rules: Rules; walk: Walk },
): Promise<void> {
  walk.signal.throwIfAborted()
  const entries = await readdir(folder, { withFileTypes: true }).catch(error => {
    walk.problems.push(`the folder ${folder} can't be read (${findErrorCode(error) ?? error.message})`)
    return []
  })
  const hasIgnoreFile = entries.some(entry => entry.name === IGNORE_FILE)
  const rules = hasIgnoreFile ? await withIgnoreFile(outer, { folder, prefix }) : outer
  for (const entry of entries) await look(entry, { folder, prefix, rules, walk })
}

async function look(
  entry: Dirent,
  { folder, prefix, rules, walk }: { folder: string; prefix: string; rules: Rules; walk: Walk },
): Promise<void> {
  const path = toPath(`${prefix}${entry.name}`)
  const file = join(folder, entry.name)
  if (TOOL_NAMES.has(entry.name) || entry.name.startsWith(PARTIAL_PREFIX)) {
    walk.leftOut.push({ path, reason: 'tool' })
  } else if (entry.isDirectory()) {
    const reason = rules.judgeFolder(`${path}/`)
    if (reason === undefined) await lookInto(file, { prefix: `${path}/`, rules, walk })
    else walk.leftOut.push({ path: `${path}/`, reason })
  } else {
    const reason = await rules.judgeFile(path, file)
    if (reason === undefined) await take(file, path, walk)
    else if (reason !== 'not-included') walk.leftOut.push({ path, reason })
  }
}

async function take(file: string, path: string, { files, problems }: Walk): Promise<void> {
  try {
    const info = await stat(file)
    if (info.isFile()) files.push({ path, file, size: info.size })
    else if (info.isDirectory()) problems.push(`${file} is a link to a folder; put the folder itself there`)
    else problems.push(`${file} is neither a file nor a folder`)
  } catch (error) {
    const code = findErrorCode(error)
    if (code === 'ENOENT' && path.includes('\ufffd')) problems.push(`${file} has a name that is not UTF-8`)
    else if (code === 'ENOENT') problems.push(`${file} is a link to nothing`)
    else problems.push(`${file} can't be read (${code})`)
  }
}

/** Some systems keep names decomposed; a version has them in one form everywhere. */
function toPath(name: string): string {
  return name.normalize('NFC')
}

/** All at once, before the first byte goes out. */
function requireNone(problems: string[]): void {
  const [first] = problems
  if (first === undefined) return
  if (problems.length === 1) throw usageError(first, 'Rename or exclude it, then push again.')
  const details = problems.slice(0, PROBLEMS_SHOWN)
  if (problems.length > details.length) details.push(`and ${problems.length - details.length} more`)
  const message = `${problems.length} files or folders can't be part of a version`
  throw new CliError('usage', message, 'Rename or exclude them, then push again.', details)
}
