/** Environment and flags become one checked configuration; what is wrong is said in a sentence, before anything starts. */
import { resolve } from 'node:path'
import { parseKey } from './domain/api-key.ts'

export interface Config {
  host: string
  /** 0 takes a free one. */
  port: number
  dataDir: string
  /** The PostgreSQL database that holds the metadata; undefined: SQLite in the data directory. Holds a password: never logged. */
  databaseUrl: string | undefined
  /** How callers reach the registry, without a trailing slash; undefined: as each request says. */
  publicUrl: string | undefined
  /** Fixes the first admin key of an empty registry. */
  adminKey: string | undefined
  logLevel: LogLevel
  limits: { maxFileBytes: number; minPartBytes: number; reclaimGraceMs: number }
  slowBodies: { minBytes: number; windowMs: number }
  /** How long a shutdown waits for requests in flight, in ms. */
  drainMs: number
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** A setting that can't be used. The message names it and says what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export type Environment = Record<string, string | undefined>

/** Each setting has one variable; README's table tells them all. An empty variable counts as absent. */
export function readConfig(env: Environment): Config {
  const adminKey = text(env, 'HOLOTYPE_ADMIN_KEY')
  if (adminKey !== undefined && !parseKey(adminKey)) {
    throw new ConfigError(
      'HOLOTYPE_ADMIN_KEY must read ht_<id>_<secret>: the id is "ak" and 13 lower-case letters or digits, the secret 32 to 128 letters, digits, "_" or "-"',
    )
  }
  return {
    host: text(env, 'HOLOTYPE_HOST') ?? '127.0.0.1',
    port: integer(env, 'HOLOTYPE_PORT', { fallback: 8080, min: 0, max: 65_535 }),
    dataDir: resolve(text(env, 'HOLOTYPE_DATA_DIR') ?? 'data'),
    databaseUrl: databaseUrl(env, 'HOLOTYPE_DATABASE_URL'),
    publicUrl: url(env, 'HOLOTYPE_PUBLIC_URL'),
    adminKey,
    logLevel: choice(env, 'HOLOTYPE_LOG_LEVEL', LOG_LEVELS) ?? 'warn',
    limits: {
      maxFileBytes: integer(env, 'HOLOTYPE_MAX_FILE_BYTES', { fallback: 5 * 2 ** 40, min: 1 }),
      // The least that S3 takes is 5 MiB.
      minPartBytes: integer(env, 'HOLOTYPE_MIN_PART_BYTES', {
        fallback: 16 * 2 ** 20,
        min: 5 * 2 ** 20,
        max: 5 * 2 ** 30,
      }),
      reclaimGraceMs: 1000 * integer(env, 'HOLOTYPE_RECLAIM_GRACE_SECONDS', { fallback: 60, min: 0, max: 31_536_000 }),
    },
    slowBodies: {
      minBytes: integer(env, 'HOLOTYPE_MIN_UPLOAD_BYTES_PER_MINUTE', { fallback: 1024, min: 0 }),
      windowMs: 60_000,
    },
    drainMs: 1000 * integer(env, 'HOLOTYPE_DRAIN_SECONDS', { fallback: 60, min: 0, max: 86_400 }),
  }
}

function text(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined
}

function integer(
  env: Environment,
  name: string,
  { fallback, min, max = Number.MAX_SAFE_INTEGER }: { fallback: number; min: number; max?: number },
): number {
  const value = text(env, name)
  if (value === undefined) return fallback
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (number >= min && number <= max) return number
  throw new ConfigError(`${name} must be a whole number from ${min} to ${max}, not "${value}"`)
}

function choice<const T extends string>(env: Environment, name: string, values: readonly T[]): T | undefined {
  const value = text(env, name)
  const found = values.find(candidate => candidate === value)
  if (value !== undefined && !found)
    throw new ConfigError(`${name} must be one of ${values.join(', ')}, not "${value}"`)
  return found
}

function databaseUrl(env: Environment, name: string): string | undefined {
  const value = text(env, name)
  return value === undefined ? undefined : requireDatabaseUrl(name, value)
}

export function requireDatabaseUrl(name: string, value: string): string {
  if (URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol)) return value
  // The value is not repeated: it may hold a password.
  throw new ConfigError(`${name} must be a PostgreSQL URL such as postgresql://user:password@host:5432/holotype`)
}

/** The URL of a database as it may be shown: its parameters can hold a password as well. */
export function withoutPassword(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  url.password = ''
  url.search = ''
  url.hash = ''
  return url.href
}

function url(env: Environment, name: string): string | undefined {
  const value = text(env, name)
  if (value === undefined) return undefined
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw new ConfigError(`${name} must be an http or https URL such as https://models.example.com, not "${value}"`)
  }
  return value.replace(/\/+$/, '')
}
