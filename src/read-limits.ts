/** The settings of how much a caller may take, and for how long. Their defaults fit the machine and are generous. */
import { connectionsWithin, readDescriptorLimit } from './descriptor-limit.ts'
import { readTrustedProxies, type TrustedProxies } from './domain/address.ts'
import type { Environment } from './domain/settings.ts'
import { ConfigError, integer, text } from './setting-values.ts'

export interface LimitSettings {
  transfers: { uploadMinBytes: number; uploadWindowMs: number; downloadIdleMs: number; bodyMs: number }
  connections: {
    max: number
    maxPerAddress: number
    keepAliveMs: number
    headersMs: number
    /** Whether an address is that of a proxy that may name the caller. Undefined: there are none. */
    isTrusted: TrustedProxies | undefined
  }
  /** Of one caller; 0 stands for no limit. */
  requests: { openPerKey: number; failedLoginsPerMinute: number; perMinutePerKey: number; perMinutePerAddress: number }
}

export function readLimitSettings(env: Environment): LimitSettings {
  const fitting = connectionsWithin(readDescriptorLimit())
  const max = integer(env, 'HOLOTYPE_MAX_CONNECTIONS', { fallback: fitting, min: 1 })
  const openPerKey = Math.min(1000, Math.ceil((max * 3) / 4))
  const noLimit = { fallback: 0, min: 0 }
  return {
    transfers: {
      uploadMinBytes: integer(env, 'HOLOTYPE_MIN_UPLOAD_BYTES_PER_MINUTE', { fallback: 1024, min: 0 }),
      uploadWindowMs: 60_000,
      downloadIdleMs: seconds(env, 'HOLOTYPE_IDLE_DOWNLOAD_SECONDS', 300),
      bodyMs: seconds(env, 'HOLOTYPE_JSON_BODY_SECONDS', 60),
    },
    connections: {
      max,
      maxPerAddress: integer(env, 'HOLOTYPE_MAX_CONNECTIONS_PER_ADDRESS', { fallback: Math.ceil(max / 2), min: 1 }),
      keepAliveMs: seconds(env, 'HOLOTYPE_KEEP_ALIVE_SECONDS', 620),
      headersMs: seconds(env, 'HOLOTYPE_HEADERS_SECONDS', 60),
      isTrusted: trustedProxies(env, 'HOLOTYPE_TRUSTED_PROXIES'),
    },
    requests: {
      openPerKey: integer(env, 'HOLOTYPE_MAX_OPEN_REQUESTS_PER_KEY', { fallback: openPerKey, min: 0 }),
      failedLoginsPerMinute: integer(env, 'HOLOTYPE_FAILED_LOGINS_PER_MINUTE', { fallback: 300, min: 0 }),
      perMinutePerKey: integer(env, 'HOLOTYPE_REQUESTS_PER_MINUTE_PER_KEY', noLimit),
      perMinutePerAddress: integer(env, 'HOLOTYPE_REQUESTS_PER_MINUTE_PER_ADDRESS', noLimit),
    },
  }
}

/** A day at most. In ms. */
function seconds(env: Environment, name: string, fallback: number): number {
  return 1000 * integer(env, name, { fallback, min: 1, max: 86_400 })
}

function trustedProxies(env: Environment, name: string): TrustedProxies | undefined {
  const list = text(env, name)
  try {
    return list === undefined ? undefined : readTrustedProxies(list)
  } catch (error) {
    const wrong = error instanceof Error ? error.message : ''
    throw new ConfigError(`${name} must be a list of addresses such as 127.0.0.1, 10.0.0.0/8, not "${wrong}"`)
  }
}
