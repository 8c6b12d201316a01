/** Which registry and which key: flags, then the environment, then the stored login. */
import type { Connection } from '../client/client.ts'
import { CliError, usageError } from './errors.ts'
import type { Io } from './io.ts'
import { type Login, readProfiles, requireProfile } from './profiles.ts'
import { readProxies } from './proxies.ts'
import { shellWord } from './show.ts'

export const DEFAULT_URL = 'http://127.0.0.1:8080'

type Environment = Io['env']

export interface ConnectionFlags {
  url?: string | undefined
  apiKey?: string | undefined
  profile?: string | undefined
}

/** Throws a `CliError` when there is no key for the registry. */
export async function findConnection(flags: ConnectionFlags, env: Environment): Promise<Connection> {
  // A profile that was named by a flag says both, whatever the environment says.
  const settings = flags.profile === undefined ? env : {}
  const givenUrl = flags.url ?? text(settings, 'HOLOTYPE_URL')
  const givenKey = flags.apiKey ?? text(settings, 'HOLOTYPE_API_KEY')
  // Not needed, not read: what is stored may be unreadable.
  const isGiven = givenUrl !== undefined && givenKey !== undefined
  const stored = isGiven ? undefined : await readLogin(flags, env)
  const url = normalizeUrl(givenUrl ?? stored?.url ?? DEFAULT_URL)
  // A key never goes to another registry than the one it was stored for.
  const key = givenKey ?? (stored?.url === url ? stored.key : undefined)
  if (key === undefined) {
    throw new CliError('denied', `not logged in to ${url}`, `Log in first: holotype login --url ${shellWord(url)}`)
  }
  return { url, key: requireKeyText(key), proxies: readProxies(env) }
}

/** Where a login goes: a profile that is there already says where it belongs. */
export async function findLoginUrl(flags: ConnectionFlags, env: Environment): Promise<string> {
  const named = findProfileName(flags, env)
  const stored = named === undefined ? undefined : (await readProfiles(env)).logins.get(named)
  const fromEnvironment = text(env, 'HOLOTYPE_URL')
  const url = flags.profile === undefined ? (fromEnvironment ?? stored?.url) : (stored?.url ?? fromEnvironment)
  return normalizeUrl(flags.url ?? url ?? DEFAULT_URL)
}

/** Undefined when the one in use is meant. */
export function findProfileName({ profile }: ConnectionFlags, env: Environment): string | undefined {
  return profile ?? text(env, 'HOLOTYPE_PROFILE')
}

/** Undefined when nobody is logged in. Throws a `CliError` when a profile is named that is not there. */
async function readLogin(flags: ConnectionFlags, env: Environment): Promise<Login | undefined> {
  const profiles = await readProfiles(env)
  const named = findProfileName(flags, env)
  return named === undefined ? profiles.logins.get(profiles.current) : requireProfile(profiles, named)
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

function text(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined
}
