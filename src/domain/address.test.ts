import { describe, expect, test } from 'vitest'
import { networkOf, readTrustedProxies } from './address.ts'

describe('callers that are counted together', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:0:1::1', '2001:db8:0:1:ffff::2'],
    ['fe80::1%eth0', 'fe80::2%eth0'],
    ['::1', '::2'],
  ])('%s and %s', (one, other) => {
    expect(networkOf(one)).toBe(networkOf(other))
  })

  test.each([
    ['192.0.2.1', '192.0.2.2'],
    ['2001:db8:0:1::1', '2001:db8:0:2::1'],
    ['2001:db8::1', '::1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2'],
  ])('%s and %s are not', (one, other) => {
    expect(networkOf(one)).not.toBe(networkOf(other))
  })
})

describe('proxies', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.1', '::ffff:127.0.0.1'],
    ['10.0.0.0/8, ::1', '10.255.0.1'],
    ['10.0.0.0/8, ::1', '::1'],
    ['fd00::/8', 'fd12::34'],
    ['0.0.0.0/0', '203.0.113.9'],
  ])('%s trust %s', (list, address) => {
    expect(readTrustedProxies(list)(address)).toBe(true)
  })

  test.each([
    ['127.0.0.1', '127.0.0.2'],
    ['10.0.0.0/8', '11.0.0.1'],
    ['10.0.0.0/8', '::1'],
    ['10.0.0.0/8', 'unknown'],
    ['0.0.0.0/0', ''],
  ])('%s do not trust %s', (list, address) => {
    expect(readTrustedProxies(list)(address)).toBe(false)
  })

  test.each([
    ['localhost', 'localhost'],
    ['10.0.0.0/33', '10.0.0.0/33'],
    ['10.0.0.0/8/8', '10.0.0.0/8/8'],
    ['10.0.0.0/', '10.0.0.0/'],
    ['10.0.0', '10.0.0'],
    ['127.0.0.1,,::1', ''],
    ['::1/129', '::1/129'],
    ['127.0.0.1 ::1', '127.0.0.1 ::1'],
  ])('%s is no list of addresses', (list, wrong) => {
    expect(() => readTrustedProxies(list)).toThrow(new Error(wrong))
  })
})
