/**
 * Folders that are held open while something is written into them. A check of a path says nothing about the moment after it; a folder that is
 * open stays the same one, whatever is put in its place meanwhile.
 */
import { constants, existsSync } from 'node:fs'
import { type FileHandle, lstat, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { findErrorCode } from '../../client/errors.ts'
import { CliError } from '../errors.ts'
import { makeDirectories } from '../make-directories.ts'

const { O_RDONLY, O_DIRECTORY = 0, O_NOFOLLOW = 0 } = constants

/**
 * Where the system lets names be looked up in an open folder; Node has no `openat`. Elsewhere a folder is checked and then named by its path, so a
 * program of the same machine that swaps it for a link in that moment is not noticed.
 */
const HANDLES = process.platform === 'linux' && existsSync('/proc/self/fd') ? '/proc/self/fd' : undefined

export interface OpenFolder extends AsyncDisposable {
  /** For people. */
  readonly path: string
  /** By which the system finds a name in just this folder. */
  at(name: string): string
}

/**
 * Opens a folder `segments` below `base`, and makes what is missing of it. `base` is the user's own choice and may be a link; a link below it could
 * lead anywhere, and is refused with a `CliError`.
 */
export async function openFolder(base: string, segments: readonly string[]): Promise<OpenFolder> {
  let folder = await openBase(base)
  for (const segment of segments) {
    await using parent = folder
    folder = await openChild(parent, segment)
  }
  return folder
}

async function openBase(path: string): Promise<OpenFolder> {
  try {
    return toFolder(path, await open(path, O_RDONLY | O_DIRECTORY))
  } catch (error) {
    if (findErrorCode(error) !== 'ENOENT') throw error
    await makeDirectories(path)
    return toFolder(path, await open(path, O_RDONLY | O_DIRECTORY))
  }
}

async function openChild(parent: OpenFolder, name: string): Promise<OpenFolder> {
  const path = join(parent.path, name)
  try {
    return toFolder(path, await openWithoutLink(parent.at(name)))
  } catch (error) {
    const code = findErrorCode(error)
    if (code === 'ENOENT') {
      await mkdir(parent.at(name)).catch(ignore('EEXIST'))
      return toFolder(path, await openWithoutLink(parent.at(name)))
    }
    if (code !== 'ENOTDIR' && code !== 'ELOOP') throw error
    const isLink = code === 'ELOOP' || (await lstat(parent.at(name))).isSymbolicLink()
    throw blocked(path, isLink ? 'is a link, which could lead anywhere' : 'is a file, where the version has a folder')
  }
}

async function openWithoutLink(path: string): Promise<FileHandle> {
  if (HANDLES === undefined && (await lstat(path)).isSymbolicLink()) {
    throw Object.assign(new Error(`${path} is a link`), { code: 'ELOOP', syscall: 'open', path })
  }
  return await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
}

function toFolder(path: string, handle: FileHandle): OpenFolder {
  return {
    path,
    at: name => join(HANDLES === undefined ? path : `${HANDLES}/${handle.fd}`, name),
    [Symbol.asyncDispose]: () => handle.close(),
  }
}

/** The error with the paths that people know. */
export function nameFolder(error: unknown, folder: OpenFolder): unknown {
  if (!(error instanceof Error)) return error
  const root = folder.at('')
  for (const name of ['path', 'dest'] as const) {
    const value: unknown = Reflect.get(error, name)
    const isInside = typeof value === 'string' && (value === root || value.startsWith(`${root}/`))
    if (isInside) Reflect.set(error, name, join(folder.path, value.slice(root.length)))
  }
  return error
}

export function blocked(file: string, what: string): CliError {
  return new CliError('conflict', `${file} ${what}`, 'Move it away, or pull into another folder.')
}

function ignore(code: string) {
  return (error: unknown) => {
    if (findErrorCode(error) !== code) throw error
  }
}
