import type { IncomingMessage } from 'node:http'

/**
 * The origin of links where no public URL is set: the address that the caller is connected to, where its `Host` header says just that. Any other
 * name is only what a caller claims, and no link may lead where a claim says: then the origin is empty, and links are paths.
 */
export function ownOrigin({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): string {
  const { host } = headers
  const { localAddress, localPort } = socket
  if (host === undefined || localAddress === undefined || localPort === undefined) return ''
  const address = localAddress.replace(/^::ffff:/, '')
  const names = [address.includes(':') ? `[${address}]` : address]
  if (/^127\.|^::1$/.test(address)) names.push('localhost')
  const isOwn = names.some(name => host === `${name}:${localPort}` || (localPort === 80 && host === name))
  return isOwn ? `http://${host}` : ''
}
