/**
 * Which addresses a store may be reached at. An endpoint comes from an admin of a team, the connection from this machine, and inside its
 * network there may be much that trusts it. So only public addresses are reached, unless the machine's operator allows others; and each name is
 * checked by the addresses that are then connected to, so that a name can't change its address in between.
 */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { type AllowedEndpoint, hostOf } from '../allowed-endpoint.ts'

/** An address that must not be reached. */
class ForbiddenEndpointError extends Error {
  override readonly name = 'ForbiddenEndpointError'
  readonly code = 'EACCES'
  /** To which address a name leads is not told: names inside a network are nobody's business outside. */
  constructor(host: string) {
    const what = isIP(host) > 0 ? 'is not a public address' : 'leads to an address that is not public'
    super(`${host} ${what}; the operator of this registry may allow it with HOLOTYPE_S3_ALLOWED_ENDPOINTS`)
  }
}

export interface EndpointGuard {
  /** Whether the operator has allowed the endpoint by its host's name. */
  isNamed(endpoint: URL): boolean
  /** Throws `ForbiddenEndpointError` for an address that stands in the URL itself. */
  requireAllowed(endpoint: URL): void
  /** Takes the place of `dns.lookup` for connections to the endpoint: fails where one of the addresses may not be reached. */
  lookupFor(endpoint: URL): LookupFunction
}

export function createEndpointGuard(allowed: AllowedEndpoint[]): EndpointGuard {
  const ranges = new BlockList()
  for (const entry of allowed) {
    if (entry.kind === 'range') ranges.addSubnet(entry.address, entry.bits, familyOf(entry.address))
  }

  function isNamed(endpoint: URL): boolean {
    const [host, port] = [hostOf(endpoint), portOf(endpoint)]
    return allowed.some(
      entry => entry.kind === 'host' && entry.host === host && (entry.port === undefined || entry.port === port),
    )
  }

  const mayReach = (address: string) => isPublicAddress(address) || ranges.check(address, familyOf(address))

  return {
    isNamed,
    requireAllowed(endpoint) {
      const host = hostOf(endpoint)
      if (isIP(host) > 0 && !isNamed(endpoint) && !mayReach(host)) throw new ForbiddenEndpointError(host)
    },
    lookupFor(endpoint) {
      if (isNamed(endpoint)) return (host, options, done) => lookup(host, options, done)
      return guardedLookup(mayReach)
    },
  }
}

function guardedLookup(mayReach: (address: string) => boolean): LookupFunction {
  return (host, options, done) => {
    lookup(host, { ...(options as LookupOptions), all: true }, (error, found) => {
      if (error) return done(error, [])
      // All of them: which one is taken is the system's choice.
      if (!found.every(({ address }) => mayReach(address))) return done(new ForbiddenEndpointError(host), [])
      answer(options as LookupOptions, found, done)
    })
  }
}

function answer(options: LookupOptions, found: LookupAddress[], done: Parameters<LookupFunction>[2]): void {
  const [first] = found
  if (options.all) done(null, found)
  else if (first) done(null, first.address, first.family)
  else done(Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' }), [])
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port)
  return url.protocol === 'https:' ? 443 : 80
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6'
}

/** IPv4 that is not of the public internet (RFC 6890 and its registry). */
const NOT_PUBLIC_4 = subnets('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
])
/** All public IPv6 is in this one range … */
const PUBLIC_6 = subnets('ipv6', ['2000::/3'])
/** … and these parts of it are not, or carry an IPv4 address that could be anything. */
const NOT_PUBLIC_6 = subnets('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'])

export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !NOT_PUBLIC_4.check(address, 'ipv4')
  return PUBLIC_6.check(address, 'ipv6') && !NOT_PUBLIC_6.check(address, 'ipv6')
}

function subnets(family: 'ipv4' | 'ipv6', ranges: string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}
