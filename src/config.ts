/** Environment and flags become one checked configuration; what is wrong is said in a sentence, before anything starts. */
import { resolve } from 'node:path'
import { type AllowedEndpoint, parseAllowedEndpoint } from './blobs/allowed-endpoint.ts'
import { parseKey } from './domain/api-key.ts'
import { requireBucket } from './domain/s3-location.ts'
import { type Environment, isPlatformAddress } from './domain/settings.ts'
import { type LimitSettings, readLimitSettings } from './read-limits.ts'
import { ConfigError, choice, databaseUrl, host, integer, list, path, text, url } from './setting-values.ts'

export { ConfigError, requireDatabaseUrl, requirePath } from './setting-values.ts'

export interface Config extends LimitSettings {
  host: string
  /** 0 takes a free one. */
  port: number
  dataDir: string
  /** The PostgreSQL database that holds the metadata; undefined: SQLite in the data directory. Holds a password: never logged. */
  databaseUrl: string | undefined
  /** How callers reach the registry, without a trailing slash; undefined: unknown, and links are paths. */
  publicUrl: string | undefined
  /** Fixes the first admin key of an empty registry. */
  adminKey: string | undefined
  logLevel: LogLevel
  /** Whether anyone may read the metrics. */
  areMetricsOpen: boolean
  limits: {
    maxFileBytes: number
    minPartBytes: number
    reclaimGraceMs: number
    /** Undefined: as `reserveOf` has it. */
    diskReserveBytes: number | undefined
  }
  /** Seals the secrets of storage providers; undefined: a file in the data directory does. Never logged. */
  secretKey: string | undefined
  s3: {
    /** What S3 providers may reach although it is not public. */
    allowedEndpoints: AllowedEndpoint[]
    /** Buckets that may be used with the credentials of the machine itself. */
    machineBuckets: string[]
  }
  /** How long a shutdown waits for requests in flight, in ms. */
  drainMs: number
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Each setting has one variable; README's table tells them all. An empty variable counts as absent. */
export function readConfig(env: Environment): Config {
  const adminKey = text(env, 'HOLOTYPE_ADMIN_KEY')
  if (adminKey !== undefined && !parseKey(adminKey)) {
    throw new ConfigError(
      'HOLOTYPE_ADMIN_KEY must read ht_<id>_<secret>: the id is "ak" and 13 lower-case letters or digits, the secret 32 to 128 letters, digits, "_" or "-"',
    )
  }
  return {
    host: host(env, 'HOLOTYPE_HOST') ?? '127.0.0.1',
    port: integer(withoutPlatformAddress(env), 'HOLOTYPE_PORT', { fallback: 8080, min: 0, max: 65_535 }),
    dataDir: resolve(path(env, 'HOLOTYPE_DATA_DIR') ?? 'data'),
    databaseUrl: databaseUrl(env, 'HOLOTYPE_DATABASE_URL'),
    publicUrl: url(env, 'HOLOTYPE_PUBLIC_URL'),
    adminKey,
    logLevel: choice(env, 'HOLOTYPE_LOG_LEVEL', LOG_LEVELS) ?? 'warn',
    areMetricsOpen: choice(env, 'HOLOTYPE_METRICS_OPEN', ['true', 'false']) === 'true',
    limits: {
      maxFileBytes: integer(env, 'HOLOTYPE_MAX_FILE_BYTES', { fallback: 5 * 2 ** 40, min: 1 }),
      // The least that S3 takes is 5 MiB.
      minPartBytes: integer(env, 'HOLOTYPE_MIN_PART_BYTES', {
        fallback: 16 * 2 ** 20,
        min: 5 * 2 ** 20,
        max: 5 * 2 ** 30,
      }),
      diskReserveBytes: integer(env, 'HOLOTYPE_RESERVE_BYTES', { fallback: undefined, min: 0 }),
      reclaimGraceMs: 1000 * integer(env, 'HOLOTYPE_RECLAIM_GRACE_SECONDS', { fallback: 60, min: 0, max: 31_536_000 }),
    },
    ...readLimitSettings(env),
    secretKey: secretKey(env, 'HOLOTYPE_SECRET_KEY'),
    s3: {
      allowedEndpoints: list(env, 'HOLOTYPE_S3_ALLOWED_ENDPOINTS', {
        read: parseAllowedEndpoint,
        example: 'minio.internal:9000,10.1.0.0/16',
      }),
      machineBuckets: list(env, 'HOLOTYPE_S3_MACHINE_BUCKETS', { read: readBucket, example: 'models,archive' }),
    },
    drainMs: 1000 * integer(env, 'HOLOTYPE_DRAIN_SECONDS', { fallback: 60, min: 0, max: 86_400 }),
  }
}

/** As random as a key must be, so that nobody guesses it. */
const SECRET_KEY_LENGTH_MIN = 32

function secretKey(env: Environment, name: string): string | undefined {
  const value = text(env, name)
  if (value === undefined || value.length >= SECRET_KEY_LENGTH_MIN) return value
  // The value is not repeated.
  throw new ConfigError(
    `${name} must have at least ${SECRET_KEY_LENGTH_MIN} characters, all random: take the output of \`openssl rand -base64 32\``,
  )
}

function readBucket(entry: string): string | undefined {
  try {
    return requireBucket(entry)
  } catch {
    return undefined
  }
}

/** A variable that Kubernetes fills in is no setting of anybody's. */
function withoutPlatformAddress(env: Environment): Environment {
  return isPlatformAddress(env['HOLOTYPE_PORT'] ?? '') ? { ...env, HOLOTYPE_PORT: undefined } : env
}

/** The URL of a database as it may be shown: its parameters can hold a password as well. */
export function withoutPassword(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  url.password = ''
  url.search = ''
  url.hash = ''
  return url.href
}
