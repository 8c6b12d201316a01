import type { ProxySettings } from './agents.ts'

/** Which registry, and who asks. */
export interface Connection {
  /** Without `/v1` and without a trailing slash, such as `http://127.0.0.1:8080`. */
  url: string
  key?: string | undefined
  proxies?: ProxySettings | undefined
}

export function authorize({ key }: Connection): Record<string, string> {
  return key === undefined ? {} : { authorization: `Bearer ${key}` }
}
