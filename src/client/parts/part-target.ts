/** Where a part goes. A registry says it, and it may be another place: so it is followed only as far as any store needs. */
import type { PartedUpload, PartOffer } from '../client.ts'
import type { Connection } from '../connection.ts'
import { IntegrityError } from '../errors.ts'

export interface PartTarget {
  url: URL
  headers: Record<string, string>
  /** Whom the part goes to, without a key: the URL alone has to be enough. */
  place: Connection
  /** Whether that is the registry itself. */
  isRegistry: boolean
}

/** They say how a message is framed, or who asks: no store gives them out with a URL. */
const REFUSED =
  /^(?:host|content-length|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect|cookie|authorization|proxy-.*)$/i
const HEADERS_MAX = 50

/** Throws an `IntegrityError` for what no store asks for. */
export function findPartTarget(connection: Connection, upload: PartedUpload, offer: PartOffer): PartTarget {
  const { proxies } = connection
  // A registry that does not know its public URL gives a path.
  const said = URL.canParse(offer.url, connection.url) ? new URL(offer.url, connection.url) : undefined
  if (!said || !/^https?:$/.test(said.protocol) || said.username !== '' || said.password !== '') {
    throw oddOffer(upload, offer, 'no web address')
  }
  if (offer.method !== 'PUT') throw oddOffer(upload, offer, 'another method than PUT')
  const headers = readHeaders(upload, offer)
  const own = `/v1/uploads/${upload.id}/parts/${offer.number}`
  if (!said.pathname.endsWith(own)) {
    return { url: said, headers, place: { url: said.origin, proxies }, isRegistry: false }
  }
  // Behind a proxy a registry may not know the address that it has from here. What is signed is the rest of the URL.
  const url = new URL(`${connection.url}${own}${said.search}`)
  return { url, headers, place: { url: connection.url, proxies }, isRegistry: true }
}

function readHeaders(upload: PartedUpload, offer: PartOffer): Record<string, string> {
  const entries = Object.entries(offer.headers as Record<string, unknown>)
  const isSound = ([name, value]: [string, unknown]) =>
    /^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name) &&
    !REFUSED.test(name) &&
    typeof value === 'string' &&
    /^[\t\x20-\x7e]{0,4096}$/.test(value)
  if (entries.length > HEADERS_MAX || !entries.every(isSound)) {
    throw oddOffer(upload, offer, 'headers that can not be sent')
  }
  return Object.fromEntries(entries) as Record<string, string>
}

function oddOffer({ path }: PartedUpload, { number }: PartOffer, what: string): IntegrityError {
  return new IntegrityError(`the registry gives ${what} for part ${number} of "${path}", so it was not sent`)
}
