/** What keeps a directory or a file from being used, in words: which path, what is wrong with it, and what to do. */
import type { Stats } from 'node:fs'
import { access, constants, lstat, readlink, stat } from 'node:fs/promises'
import { dirname, parse, relative, sep } from 'node:path'
import { hasCode, makeDirectory } from '../blobs/make-directory.ts'
import { ConfigError } from '../config.ts'

type Kind = 'directory' | 'file'

/** The failure of the file system at `path`, which is absolute, as a `ConfigError`. */
export async function explainPathError(error: unknown, path: string, kind: Kind): Promise<ConfigError> {
  const words = (await findObstacle(path, kind)) ?? (await describe(error, path))
  return new ConfigError(words, { cause: error })
}

/** Makes the directory where it is missing, durably. Throws a `ConfigError` where that fails, or the directory can't be read and written. */
export async function makeUsableDirectory(path: string): Promise<void> {
  await makeDirectory(path).catch(async (error: unknown) => {
    throw await explainPathError(error, path, 'directory')
  })
  await requireAccess(path, 'directory')
}

async function describe(error: unknown, path: string): Promise<string> {
  if (hasCode(error, 'EACCES', 'EPERM')) return describeDenial(await nearestExisting(path))
  if (hasCode(error, 'EROFS')) {
    return `${path} is on a file system that is mounted read-only: mount it for writing, or choose another directory`
  }
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) return `there is no room left for ${path}: make room on its disk`
  if (hasCode(error, 'EMFILE', 'ENFILE')) {
    return `${path} can't be opened: too many files are open; raise the limit (ulimit -n) and start again`
  }
  return `${path} can't be used: ${error instanceof Error ? error.message : error}`
}

/** The first part of the path that is there and is not what it has to be, in words. */
async function findObstacle(path: string, kind: Kind): Promise<string | undefined> {
  let part = parse(path).root
  for (const name of relative(part, path).split(sep)) {
    part = part.endsWith(sep) ? part + name : part + sep + name
    const found = await stat(part).catch((error: unknown) => error)
    if (hasCode(found, 'ENOENT', 'ELOOP')) return await describeLink(part)
    if (found instanceof Error) return undefined
    if (part === path) return describeMistake(path, found as Stats, kind)
    if (!(found as Stats).isDirectory()) {
      return `${part} is not a directory, so there can be no ${path}: move it away, or choose another directory`
    }
  }
  return undefined
}

function describeMistake(path: string, found: Stats, kind: Kind): string | undefined {
  if (kind === 'directory' ? found.isDirectory() : found.isFile()) return undefined
  const what = found.isDirectory() ? 'a directory' : found.isFile() ? 'a file' : 'neither a file nor a directory'
  return `${path} is ${what}, and must be a ${kind}: move it away, or choose another directory`
}

async function describeLink(path: string): Promise<string | undefined> {
  const target = await readlink(path).catch(() => undefined)
  if (target === undefined) return undefined
  return `${path} is a link to ${target}, where there is nothing: make or mount that, or remove the link`
}

async function nearestExisting(path: string): Promise<string> {
  for (let part = path; ; part = dirname(part)) {
    const isThere = await lstat(part).then(
      () => true,
      () => false,
    )
    if (isThere || part === dirname(part)) return part
  }
}

async function describeDenial(path: string): Promise<string> {
  const { uid, mode } = await lstat(path)
  const bits = (mode & 0o777).toString(8).padStart(4, '0')
  return (
    `user ${process.getuid?.()} may not read and write ${path}, which belongs to user ${uid} (mode ${bits}): ` +
    'run Holotype as its owner, or give it to the user that runs Holotype with chown -R'
  )
}

/**
 * Throws a `ConfigError` unless `path` can be read and written as what it has to be, a directory or a file. Absent is fine. Follows links,
 * but not to nothing.
 */
export async function requireAccess(path: string, kind: Kind): Promise<void> {
  const found = await stat(path).catch(async (error: unknown) => {
    const isAbsent = hasCode(error, 'ENOENT') && (await findObstacle(path, kind)) === undefined
    if (isAbsent) return undefined
    throw await explainPathError(error, path, kind)
  })
  if (found === undefined) return
  const mistake = describeMistake(path, found, kind)
  if (mistake !== undefined) throw new ConfigError(mistake)
  const needed = constants.R_OK | constants.W_OK | (kind === 'directory' ? constants.X_OK : 0)
  await access(path, needed).catch(async (error: unknown) => {
    throw await explainPathError(error, path, kind)
  })
}
