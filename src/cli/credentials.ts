/** Which registry and which key: flags, then the environment, then the stored login. */
import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Connection } from '../client/client.ts'
import { CliError, usageError } from './errors.ts'
import type { Io } from './io.ts'

export const DEFAULT_URL = 'http://127.0.0.1:8080'

type Environment = Io['env']

export interface Login {
  url: string
  key: string
}

/** Throws a `CliError` when there is no key for the registry. */
export async function findConnection(
  flags: { url?: string | undefined; apiKey?: string | undefined },
  env: Environment,
): Promise<Connection> {
  const stored = await readLogin(env)
  const url = findUrl(flags.url, env, stored)
  // A key never goes to another registry than the one it was stored for.
  const key = flags.apiKey ?? text(env, 'HOLOTYPE_API_KEY') ?? (stored?.url === url ? stored.key : undefined)
  if (key === undefined) {
    throw new CliError('denied', `not logged in to ${url}`, `Log in first: holotype login --url ${url}`)
  }
  return { url, key: requireKeyText(key) }
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
  const file = loginFile(env)
  let content: string
  try {
    content = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const login = parseLogin(content)
  if (!login) throw usageError(`${file} is damaged`, 'Remove it with `holotype logout`, then log in again.')
  return login
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
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const temp = `${file}.${randomUUID()}`
  try {
    const handle = await open(temp, 'wx', 0o600)
    try {
      await handle.writeFile(`${JSON.stringify(login, null, 2)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temp, file)
  } catch (error) {
    await rm(temp, { force: true })
    throw error
  }
  return file
}

/** Resolves to whether there was one. */
export async function removeLogin(env: Environment): Promise<boolean> {
  try {
    await rm(loginFile(env))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

function loginFile(env: Environment): string {
  const configDir = text(env, 'XDG_CONFIG_HOME') ?? join(text(env, 'HOME') ?? homedir(), '.config')
  return join(configDir, 'holotype', 'config.json')
}

function text(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined
}
