/** Which registry and which key: flags, then the environment, then the stored login. */
import { rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import type { Connection } from '../client/client.ts'
import { findErrorCode } from '../client/errors.ts'
import { openPlainFile } from '../client/open-plain-file.ts'
import { CliError, usageError } from './errors.ts'
import { explainFileError } from './file-errors.ts'
import type { Io } from './io.ts'
import { makeDirectories } from './make-directories.ts'
import { readProxies } from './proxies.ts'
import { replaceFile } from './replace-file.ts'
import { shellWord } from './show.ts'

export const DEFAULT_URL = 'http://127.0.0.1:8080'

type Environment = Io['env']

export interface Login {
  url: string
  key: string
}

/** The stored login is read only when something is left to it. Throws a `CliError` when there is no key for the registry. */
export async function findConnection(
  flags: { url?: string | undefined; apiKey?: string | undefined },
  env: Environment,
): Promise<Connection> {
  const given = { url: flags.url ?? text(env, 'HOLOTYPE_URL'), key: flags.apiKey ?? text(env, 'HOLOTYPE_API_KEY') }
  const isComplete = given.url !== undefined && given.key !== undefined
  const stored = isComplete ? undefined : await readLogin(env)
  const url = findUrl(flags.url, env, stored)
  // A key never goes to another registry than the one it was stored for.
  const key = given.key ?? (stored?.url === url ? stored.key : undefined)
  if (key === undefined) {
    throw new CliError('denied', `not logged in to ${url}`, `Log in first: holotype login --url ${shellWord(url)}`)
  }
  return { url, key: requireKeyText(key), proxies: readProxies(env) }
}

export function findUrl(flag: string | undefined, env: Environment, stored?: Login): string {
  return normalizeUrl(flag ?? text(env, 'HOLOTYPE_URL') ?? stored?.url ?? DEFAULT_URL)
}

/** As the client wants it: no trailing slash, no `/v1`, no query. Throws a `CliError`. */
function normalizeUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw usageError('the URL must read like https://models.example.com', `The default is ${DEFAULT_URL}.`)
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '').replace(/\/v1$/, '')
}

/** A key goes into a header, where a stray line break would be an error that shows it. Throws a `CliError`. */
export function requireKeyText(key: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key
  throw new CliError(
    'denied',
    'the API key has characters that no key has',
    'Copy it again: a key reads ht_<id>_<secret>.',
  )
}

/** Undefined when nobody is logged in. */
async function readLogin(env: Environment): Promise<Login | undefined> {
  const file = findLoginFile(env)
  const content = file === undefined ? undefined : await readShortFile(file)
  if (file === undefined || content === undefined) return undefined
  const login = parseLogin(content)
  if (!login) throw usageError(`${file} is damaged`, 'Remove it with `holotype logout`, then log in again.')
  return login
}

/** A login is far below it, in bytes. */
const LOGIN_MAX = 64 * 1024

/** Undefined when there is no such file. Never waits for a pipe, never reads without end. */
async function readShortFile(file: string): Promise<string | undefined> {
  try {
    await using handle = await openPlainFile(file)
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(LOGIN_MAX), 0, LOGIN_MAX, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch (error) {
    const code = findErrorCode(error)
    // Below a file or a home that isn't there, nobody can have logged in either.
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    const problem = explainFileError(error)?.message ?? String(error)
    throw usageError(`the login can't be read: ${problem}`, 'HOLOTYPE_URL and HOLOTYPE_API_KEY need no file.')
  }
}

function parseLogin(content: string): Login | undefined {
  try {
    const { url, key } = JSON.parse(content)
    return typeof url === 'string' && typeof key === 'string' ? { url, key } : undefined
  } catch {
    return undefined
  }
}

/** Replaces the stored login in one step. Only its owner may read it. Resolves to the file. */
export async function writeLogin(env: Environment, login: Login): Promise<string> {
  const file = loginFile(env)
  await makeDirectories(dirname(file), 0o700)
  await replaceFile(file, `${JSON.stringify(login, null, 2)}\n`)
  return file
}

/** Resolves to whether there was one. */
export async function removeLogin(env: Environment): Promise<boolean> {
  const file = findLoginFile(env)
  if (file === undefined) return false
  try {
    await rm(file)
    return true
  } catch (error) {
    const code = findErrorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw error
  }
}

/** Undefined where this user has no home. A relative `XDG_CONFIG_HOME` doesn't count, as its standard says. */
function findLoginFile(env: Environment): string | undefined {
  const given = text(env, 'XDG_CONFIG_HOME')
  const home = text(env, 'HOME') ?? findHome()
  const configDir = given !== undefined && isAbsolute(given) ? given : home && join(home, '.config')
  return configDir && join(configDir, 'holotype', 'config.json')
}

/** Node throws where the system knows no home. */
function findHome(): string | undefined {
  try {
    return homedir()
  } catch {
    return undefined
  }
}

/** Throws a `CliError`. */
function loginFile(env: Environment): string {
  const file = findLoginFile(env)
  if (file !== undefined) return file
  throw usageError('there is no home directory to keep a login in', 'Set HOME or XDG_CONFIG_HOME.')
}

function text(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined
}
