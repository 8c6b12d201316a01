/**
 * The stored logins: one for each registry that somebody works with, under names of their own. The file begins as `{url, key}` of the one in
 * use, which is all that the first release wrote and reads; beside it are the others.
 */
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findErrorCode } from '../client/errors.ts'
import { openPlainFile } from '../client/open-plain-file.ts'
import { usageError } from './errors.ts'
import { explainFileError } from './file-errors.ts'
import { findOwnFolder } from './homes.ts'
import type { Io } from './io.ts'
import { makeDirectories } from './make-directories.ts'
import { replaceFile } from './replace-file.ts'

/** What a login without a name is called. */
const DEFAULT_PROFILE = 'default'

type Environment = Io['env']

export interface Login {
  url: string
  key: string
}

export interface Profiles {
  /** The name of the one in use, which may have no login yet. */
  current: string
  logins: Map<string, Login>
}

/** Undefined where this user has no home. */
export function findLoginFile(env: Environment): string | undefined {
  const folder = findOwnFolder(env, 'config')
  return folder && join(folder, 'config.json')
}

/** Throws a `CliError` when the file is damaged or can't be read. */
export async function readProfiles(env: Environment): Promise<Profiles> {
  const file = findLoginFile(env)
  const content = file === undefined ? undefined : await readShortFile(file)
  if (content === undefined) return { current: DEFAULT_PROFILE, logins: new Map() }
  const profiles = parseProfiles(content)
  if (profiles) return profiles
  throw usageError(`${file} is damaged`, 'Remove it with `holotype logout`, then log in again.')
}

/** Logins are far below it, in bytes. */
const FILE_MAX = 64 * 1024

/** Undefined when there is no such file. Never waits for a pipe, never reads without end. */
async function readShortFile(file: string): Promise<string | undefined> {
  try {
    await using handle = await openPlainFile(file)
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(FILE_MAX), 0, FILE_MAX, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch (error) {
    const code = findErrorCode(error)
    // Below a file or a home that isn't there, nobody can have logged in either.
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    const problem = explainFileError(error)?.message ?? String(error)
    throw usageError(`the login can't be read: ${problem}`, 'HOLOTYPE_URL and HOLOTYPE_API_KEY need no file.')
  }
}

function parseProfiles(content: string): Profiles | undefined {
  try {
    const { url, key, profile = DEFAULT_PROFILE, profiles = {} } = JSON.parse(content)
    const logins = new Map<string, Login>()
    for (const [name, login] of Object.entries<Login>(profiles)) logins.set(name, requireLogin(login))
    if (url !== undefined) logins.set(profile, requireLogin({ url, key }))
    return typeof profile === 'string' ? { current: profile, logins } : undefined
  } catch {
    return undefined
  }
}

function requireLogin({ url, key }: Login): Login {
  if (typeof url !== 'string' || typeof key !== 'string') throw new Error('no login')
  return { url, key }
}

/** Replaces the file in one step; removes it when nothing is left. Only its owner may read it. Resolves to the file. */
export async function writeProfiles(env: Environment, { current, logins }: Profiles): Promise<string> {
  const file = findLoginFile(env)
  if (file === undefined) {
    throw usageError('there is no home directory to keep a login in', 'Set HOME or XDG_CONFIG_HOME.')
  }
  if (logins.size === 0) {
    await rm(file, { force: true })
    return file
  }
  const isPlain = current === DEFAULT_PROFILE && logins.size === 1 && logins.has(current)
  const content = {
    ...logins.get(current),
    ...(!isPlain && { profile: current, profiles: Object.fromEntries(logins) }),
  }
  await makeDirectories(dirname(file), 0o700)
  await replaceFile(file, `${JSON.stringify(content, null, 2)}\n`)
  return file
}

/** Throws a `CliError`. */
export function requireProfileName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return name
  throw usageError('the name of a profile has 1 to 64 letters, digits, dots, hyphens and underscores')
}

/** Throws a `CliError` that names those there are. */
export function requireProfile({ logins }: Profiles, name: string): Login {
  const login = logins.get(name)
  if (login) return login
  const names = [...logins.keys()].join(', ')
  throw usageError(
    `there is no profile "${name}"`,
    names === '' ? `Make it: holotype login --profile ${name}` : `There are: ${names}`,
  )
}
