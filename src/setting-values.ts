/** Reads the values of settings. What is wrong is said with the name of the setting and the right spelling. An empty variable counts as absent. */
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { Environment } from './domain/settings.ts'

/** A setting that can't be used. The message names it and says what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Surrounding white space is never meant. What else some program should have taken away from a value is refused, with the right spelling. */
export function text(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim()
  if (!value) return undefined
  // None of these messages repeats the value: it may be a secret.
  if (/^(["'`]).*\1$/s.test(value) || /^["'`]|["'`]$/.test(value)) {
    throw new ConfigError(`${name} has a quotation mark in its value: leave it out, the whole line is ${name}=value`)
  }
  if (/\s#(\s|$)/.test(value)) {
    throw new ConfigError(`${name} has a comment after its value: put the comment on a line of its own`)
  }
  if (/[\u0000-\u001f\u007f]/.test(value)) {
    throw new ConfigError(`${name} has a line break, a tab or another control character in its value`)
  }
  return value
}

export function path(env: Environment, name: string): string | undefined {
  const value = text(env, name)
  return value === undefined ? undefined : requirePath(name, value)
}

/** Throws for a path that only a shell would understand. `what` names where it was given. */
export function requirePath(what: string, value: string): string {
  const [, user] = /^~([^/]*)(\/|$)/.exec(value) ?? []
  if (user !== undefined) {
    const spelled = user === '' ? resolve(homedir(), value.slice(2)) : 'the whole path'
    throw new ConfigError(`${what}: "~" stands for a home directory in a shell only; write ${spelled}`)
  }
  const [variable] = /\$\{\w+\}|\$[A-Z_][A-Z0-9_]*|%\w+%/.exec(value) ?? []
  if (variable !== undefined) {
    throw new ConfigError(`${what}: ${variable} was not replaced by its value; write the whole path`)
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(value)) {
    throw new ConfigError(`${what} must be a path such as /srv/holotype, not the URL "${value}"`)
  }
  return value
}

export function host(env: Environment, name: string): string | undefined {
  const value = text(env, name)
  if (value === undefined) return undefined
  const [, bracketed] = /^\[(.*)\]$/.exec(value) ?? []
  if (bracketed !== undefined) throw new ConfigError(`${name} is written without brackets: ${name}=${bracketed}`)
  // An IPv6 address has several colons, and may have a zone.
  if (/^[a-z0-9._-]+$/i.test(value) || /^[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*(%[a-z0-9._-]+)?$/i.test(value)) return value
  throw new ConfigError(
    `${name} must be an address or a host name such as 0.0.0.0, and nothing else, not "${value}"; the port is HOLOTYPE_PORT`,
  )
}

export function integer<F extends number | undefined>(
  env: Environment,
  name: string,
  { fallback, min, max = Number.MAX_SAFE_INTEGER }: { fallback: F; min: number; max?: number },
): number | F {
  const value = text(env, name)
  if (value === undefined) return fallback
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (number >= min && number <= max) return number
  const unit = unitOf(name)
  const whole = `a whole number${unit === undefined ? '' : ` of ${unit}`}`
  throw new ConfigError(`${name} must be ${whole} from ${min} to ${max}, not "${value}"${spellOut(value, unit)}`)
}

/** The unit is in the name of a setting, so it is never in the value. */
function unitOf(name: string): 'bytes' | 'seconds' | undefined {
  const [, unit] = /_(BYTES|SECONDS)(_|$)/.exec(name) ?? []
  return unit === 'BYTES' ? 'bytes' : unit === 'SECONDS' ? 'seconds' : undefined
}

const FACTORS: Record<'bytes' | 'seconds', Record<string, number>> = {
  bytes: {
    ...{ b: 1, k: 1e3, kb: 1e3, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9, t: 1e12, tb: 1e12 },
    ...{ ki: 2 ** 10, kib: 2 ** 10, mi: 2 ** 20, mib: 2 ** 20, gi: 2 ** 30, gib: 2 ** 30, ti: 2 ** 40, tib: 2 ** 40 },
  },
  seconds: { ms: 0.001, s: 1, sec: 1, m: 60, min: 60, h: 3600, d: 86_400 },
}

/** What a value with a unit comes to, where that is clear. */
function spellOut(value: string, unit: 'bytes' | 'seconds' | undefined): string {
  const [, digits, word = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(value) ?? []
  const factor = unit === undefined ? undefined : FACTORS[unit][word.toLowerCase()]
  return factor === undefined ? '' : `; ${value} is ${Math.round(Number(digits) * factor)}`
}

export function choice<const T extends string>(env: Environment, name: string, values: readonly T[]): T | undefined {
  const value = text(env, name)
  const found = values.find(candidate => candidate === value)
  if (value !== undefined && !found)
    throw new ConfigError(`${name} must be one of ${values.join(', ')}, not "${value}"`)
  return found
}

export function databaseUrl(env: Environment, name: string): string | undefined {
  const value = text(env, name)
  return value === undefined ? undefined : requireDatabaseUrl(name, value)
}

/** Throws for anything but a PostgreSQL URL. */
export function requireDatabaseUrl(name: string, value: string): string {
  if (URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol)) return value
  // The value is not repeated: it may hold a password.
  throw new ConfigError(`${name} must be a PostgreSQL URL such as postgresql://user:password@host:5432/holotype`)
}

export function url(env: Environment, name: string): string | undefined {
  const value = text(env, name)
  if (value === undefined) return undefined
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw new ConfigError(`${name} must be an http or https URL such as https://models.example.com, not "${value}"`)
  }
  const { username, password, search, hash } = new URL(value)
  if (username || password || search || hash) {
    // The value is not repeated: it may hold a password.
    throw new ConfigError(`${name} must be a URL without user, password, query or fragment`)
  }
  return value.replace(/\/+$/, '')
}

/** The entries of a list that is written with commas. `read` answers undefined for what is no entry; `example` shows a right one. */
export function list<T>(
  env: Environment,
  name: string,
  { read, example }: { read: (entry: string) => T | undefined; example: string },
): T[] {
  const entries = (text(env, name) ?? '').split(',').map(entry => entry.trim())
  return entries
    .filter(entry => entry !== '')
    .map(entry => {
      const value = read(entry)
      if (value !== undefined) return value
      throw new ConfigError(`${name} must be a list such as ${example}, and "${entry}" is no entry of it`)
    })
}
