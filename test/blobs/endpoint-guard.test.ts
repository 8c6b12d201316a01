import { describe, expect, it } from 'vitest'
import { parseAllowedEndpoint } from '../../src/blobs/allowed-endpoint.ts'
import { createEndpointGuard, isPublicAddress } from '../../src/blobs/s3/endpoint-guard.ts'

const allow = (...entries: string[]) =>
  createEndpointGuard(
    entries.map(entry => {
      const parsed = parseAllowedEndpoint(entry)
      if (!parsed) throw new Error(`${entry} is no entry`)
      return parsed
    }),
  )

/** S30, S31: how a name is looked up for a connection. */
function lookUp(endpoint: string, name: string, ...allowed: string[]): Promise<unknown> {
  const lookup = allow(...allowed).lookupFor(new URL(endpoint))
  return new Promise((resolve, reject) => {
    lookup(name, {}, (error, address) => (error ? reject(error) : resolve(address)))
  })
}

describe('addresses', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a9fe:a9fe',
    'fd00::8',
    'fe80::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
  ])('does not take %s for public (S30)', address => {
    expect(isPublicAddress(address)).toBe(false)
  })

  it.each(['8.8.8.8', '172.32.0.1', '52.95.110.1', '2600:1f00::1', '2a05:d014::1'])('takes %s for public', address => {
    expect(isPublicAddress(address)).toBe(true)
  })
})

describe('an address in the URL itself', () => {
  it.each([
    'http://127.0.0.1:9000',
    'http://2130706433',
    'http://0x7f.1',
    'http://017700000001',
    'http://[::1]:9000',
    'http://[::ffff:169.254.169.254]',
    'http://169.254.169.254/latest',
    'http://10.0.0.5',
  ])('refuses %s (S30, S31)', endpoint => {
    expect(() => allow().requireAllowed(new URL(endpoint))).toThrow('HOLOTYPE_S3_ALLOWED_ENDPOINTS')
  })

  it.each([
    ['http://127.0.0.1:9000', '127.0.0.1:9000'],
    ['http://127.0.0.1:9000', '127.0.0.1'],
    ['http://10.4.0.5', '10.0.0.0/8'],
    ['https://[fd00::8]', 'fd00::/8'],
    ['https://[fd00::8]', 'fd00::8'],
    ['https://[fd00::8]:9000', '[fd00::8]:9000'],
  ])('takes %s where the operator allows %s', (endpoint, entry) => {
    allow(entry).requireAllowed(new URL(endpoint))
  })

  it.each([
    ['http://127.0.0.1:9001', '127.0.0.1:9000'],
    ['http://11.4.0.5:80', '127.0.0.1'],
    ['http://192.168.4.5', '10.0.0.0/8'],
  ])('refuses or takes %s by its own address where %s is allowed', (endpoint, entry) => {
    const check = () => allow(entry).requireAllowed(new URL(endpoint))
    if (endpoint.includes('11.4')) expect(check).not.toThrow()
    else expect(check).toThrow('is not a public address')
  })
})

describe('a name', () => {
  it('is refused at the connection when it leads to this machine', async () => {
    await expect(lookUp('http://localhost:9000', 'localhost')).rejects.toThrow(
      'localhost leads to an address that is not public',
    )
  })

  it('is refused for each connection, so that it may not change its address in between', async () => {
    await expect(lookUp('http://s3.example.com', 'localhost')).rejects.toThrow('is not public')
  })

  it.each(['localhost', 'localhost:9000', '127.0.0.0/8'])('is taken where the operator allows %s', async entry => {
    const allowed = entry.includes('/') ? [entry, '::1/128'] : [entry]
    expect(['127.0.0.1', '::1']).toContain(await lookUp('http://localhost:9000', 'localhost', ...allowed))
  })

  it('is refused at another port than the allowed one', async () => {
    await expect(lookUp('http://localhost:9001', 'localhost', 'localhost:9000')).rejects.toThrow('is not public')
  })
})

describe('what an operator allows', () => {
  it.each(['', ' ', 'http://x', 'a/b', '10.0.0.0/33', '::/129', 'host:port', 'host:99999', 'a b', 'user@host'])(
    'does not take %j',
    entry => {
      expect(parseAllowedEndpoint(entry)).toBe(undefined)
    },
  )
})
