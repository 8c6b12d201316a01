import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { ownOrigin } from './own-origin.ts'

const originOf = (host: string | undefined, localAddress: string, localPort: number) =>
  ownOrigin({ headers: { host }, socket: { localAddress, localPort } as Socket })

test.each([
  ['127.0.0.1:8080', '127.0.0.1', 8080],
  ['localhost:8080', '127.0.0.1', 8080],
  ['127.0.0.1:8080', '::ffff:127.0.0.1', 8080],
  ['[::1]:8080', '::1', 8080],
  ['localhost:8080', '::1', 8080],
  ['10.1.2.3:9000', '10.1.2.3', 9000],
  ['10.1.2.3', '10.1.2.3', 80],
])('a caller that asks for %s over %s, port %i, has links there', (host, address, port) => {
  expect(originOf(host, address, port)).toBe(`http://${host}`)
})

test.each([
  ['evil.example', '127.0.0.1', 8080],
  ['evil.example:8080', '127.0.0.1', 8080],
  ['127.0.0.1:8081', '127.0.0.1', 8080],
  ['127.0.0.1', '127.0.0.1', 8080],
  ['localhost:9000', '10.1.2.3', 9000],
  ['127.0.0.1:8080@evil.example', '127.0.0.1', 8080],
  ['models.example', '10.1.2.3', 80],
  ['', '127.0.0.1', 80],
  [undefined, '127.0.0.1', 8080],
])('a caller that asks for %s over %s, port %i, has paths for links', (host, address, port) => {
  expect(originOf(host, address, port)).toBe('')
})
