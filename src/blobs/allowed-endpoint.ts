/** What an operator allows S3 providers to reach although it is not public. */
import { isIP } from 'node:net'

/** A host (with a port, where only that one is meant), or a range of addresses such as `10.1.0.0/16`. */
export type AllowedEndpoint =
  | { kind: 'host'; host: string; port: number | undefined }
  | { kind: 'range'; address: string; bits: number }

/** Undefined when the text is no such entry. */
export function parseAllowedEndpoint(text: string): AllowedEndpoint | undefined {
  const [, address = '', bits = ''] = /^(.+)\/(\d{1,3})$/.exec(text) ?? []
  const family = isIP(address)
  if (family > 0)
    return Number(bits) <= (family === 4 ? 32 : 128) ? { kind: 'range', address, bits: Number(bits) } : undefined
  if (isIP(text) === 6) return { kind: 'host', host: text.toLowerCase(), port: undefined }
  if (!/^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i.test(text) || !URL.canParse(`http://${text}`)) return undefined
  const url = new URL(`http://${text}`)
  const port = /:(\d+)$/.exec(text.replace(/^\[.*\]/, ''))?.[1]
  return { kind: 'host', host: hostOf(url), port: port === undefined ? undefined : Number(port) }
}

/** The host's name or address, in lower case and without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase()
}
