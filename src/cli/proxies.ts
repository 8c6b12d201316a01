import type { ProxySettings } from '../client/agents.ts'
import { usageError } from './errors.ts'
import type { Io } from './io.ts'

/**
 * The proxies that the environment names, as curl reads them: the names in lower case win, and `http://` may be left out. Undefined when there is
 * none. Throws a `CliError` for a proxy of a kind that can't be used.
 */
export function readProxies(env: Io['env']): ProxySettings | undefined {
  const [http, https, none] = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].map(
    name => env[name.toLowerCase()]?.trim() || env[name]?.trim() || undefined,
  )
  if (http === undefined && https === undefined) return undefined
  return {
    ...(http !== undefined && { HTTP_PROXY: normalize('HTTP_PROXY', http) }),
    ...(https !== undefined && { HTTPS_PROXY: normalize('HTTPS_PROXY', https) }),
    ...(none !== undefined && { NO_PROXY: none }),
  }
}

function normalize(name: string, text: string): string {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  // The text may hold a password, so it isn't shown.
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw usageError(`${name} must read like http://proxy.example.com:3128`, 'Only HTTP proxies can be used.')
  }
  return url
}
