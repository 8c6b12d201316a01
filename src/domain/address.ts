/** Addresses of callers: which ones are counted together, and which ones belong to proxies that may speak for others. */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

/** What is counted as one caller: an IPv4 address, or an IPv6 /64, which is what a single machine can have all of. */
export type Network = string

export function networkOf(address: string): Network {
  const plain = withoutMapping(address)
  return isIPv4(plain) ? plain : expand(plain).slice(0, 4).join(':')
}

/** An IPv4 address is shown as an IPv6 one where a socket listens for both. */
function withoutMapping(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
}

function expand(address: string): string[] {
  const [head = '', tail] = address.split('%', 1).join('').split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0')
  return [...before, ...zeros, ...after]
}

export type TrustedProxies = (address: string) => boolean

/** Reads `10.0.0.0/8, ::1`. Throws an error whose message is the part that is no address. */
export function readTrustedProxies(list: string): TrustedProxies {
  const proxies = new BlockList()
  for (const part of list.split(',').map(item => item.trim())) {
    const [address = '', prefix, more] = part.split('/')
    const [family, bits] = isIPv6(address) ? (['ipv6', 128] as const) : (['ipv4', 32] as const)
    const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
    if (isIP(address) === 0 || !isPrefix || more !== undefined) throw new Error(part)
    if (prefix === undefined) proxies.addAddress(address, family)
    else proxies.addSubnet(address, Number(prefix), family)
  }
  return address => {
    const plain = withoutMapping(address)
    return isIP(plain) !== 0 && proxies.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6')
  }
}
