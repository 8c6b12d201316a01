/** A bad network between us and a real store: whatever happens, bytes are either all there or not there at all. */
import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { StoreUnavailableError } from '../../src/blobs/blob-store.ts'
import { S3Store } from '../../src/blobs/s3/s3-store.ts'
import { findToxiproxy, NO_TOXIPROXY, startToxiproxy, type Toxic, type Toxiproxy } from '../support/toxiproxy.ts'
import { NO_VERSITYGW } from '../support/versitygw.ts'
import { listed, listedStaged, newBlobId, put, readAll } from './contract.ts'
import { makeBucket, storeOptions, TEST_PART_BYTES } from './s3-stores.ts'

const endpoint = inject('versitygw')
const missing = endpoint === undefined ? NO_VERSITYGW : findToxiproxy() === undefined ? NO_TOXIPROXY : undefined

let proxy: Toxiproxy
beforeAll(async () => {
  if (missing === undefined && endpoint) proxy = await startToxiproxy(endpoint)
})
afterAll(() => proxy?.[Symbol.asyncDispose]())

describe.each(['sha256', 'none'] as const)('through a bad network, with checksums %s', checksums => {
  let store: S3Store

  beforeEach(async context => {
    if (missing !== undefined) context.skip(missing)
    const bucket = await makeBucket(endpoint ?? '')
    const timeouts = { idleMs: 500, completeMs: 1000, connectMs: 1000 }
    store = new S3Store(storeOptions(proxy.endpoint, { location: { bucket, checksums }, timeouts, attemptsMax: 2 }))
  })
  afterEach(async () => {
    await proxy?.heal()
    store?.close()
  })

  const toxics: [string, Toxic][] = [
    ['cut on the way out', { type: 'limit_data', stream: 'upstream', attributes: { bytes: 2_000_000 } }],
    ['cut after a few bytes', { type: 'limit_data', stream: 'upstream', attributes: { bytes: 300 } }],
    ['cut on the way back', { type: 'limit_data', stream: 'downstream', attributes: { bytes: 200 } }],
    ['reset', { type: 'reset_peer', stream: 'downstream', attributes: { timeout: 0 } }],
    ['reset after a moment', { type: 'reset_peer', stream: 'upstream', attributes: { timeout: 40 } }],
    ['hanging', { type: 'timeout', stream: 'upstream', attributes: { timeout: 0 } }],
    ['silent', { type: 'timeout', stream: 'downstream', attributes: { timeout: 0 } }],
  ]
  const sizes = [4_000_000, TEST_PART_BYTES + 3_000_000]

  it.each(toxics)('a write that is %s leaves nothing or all', async (_, toxic) => {
    for (const size of sizes) {
      const [id, bytes] = [newBlobId(), randomBytes(size)]
      await proxy.poison({ ...toxic })
      const error = await put(store, id, bytes).catch((thrown: unknown) => thrown)
      await proxy.heal()
      if (error === undefined) expect((await readAll(store, id)).equals(bytes)).toBe(true)
      else {
        expect(error).toBeInstanceOf(StoreUnavailableError)
        await store.discardStaged(id)
        await store.delete(id)
        expect([await store.stat(id), await listedStaged(store)]).toEqual([undefined, []])
      }
      await put(store, newBlobId(), bytes)
    }
  })

  it.each(toxics)('a write that is %s and then goes on is whole', async (_, toxic) => {
    for (const size of sizes) {
      const [id, bytes] = [newBlobId(), randomBytes(size)]
      await proxy.poison({ ...toxic })
      const writing = put(store, id, bytes).catch((thrown: unknown) => thrown)
      await setTimeout(150)
      await proxy.heal()
      const error = await writing
      if (error === undefined) expect((await readAll(store, id)).equals(bytes)).toBe(true)
      else {
        expect(error).toBeInstanceOf(StoreUnavailableError)
        // The store may have it all the same where even the question for it was cut.
        await store.discardStaged(id)
        await store.delete(id)
        expect([await listed(store), await listedStaged(store)]).toEqual([[], []])
      }
      await store.delete(id)
    }
  })

  it.each(toxics)('a read that is %s is right or an error', async (_, toxic) => {
    const [id, bytes] = [newBlobId(), randomBytes(6_000_000)]
    await put(store, id, bytes)
    await proxy.poison({ ...toxic })
    const reads = [undefined, { start: 100, end: 5_000_000 }].map(async range => {
      const { stream } = await store.read(id, range)
      const read = await buffer(stream)
      expect(read.equals(range ? bytes.subarray(range.start, range.end + 1) : bytes)).toBe(true)
    })
    for (const outcome of await Promise.allSettled(reads)) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(StoreUnavailableError)
    }
    await proxy.heal()
    expect((await readAll(store, id)).equals(bytes)).toBe(true)
  })

  it('slow is not broken', async () => {
    const [id, bytes] = [newBlobId(), randomBytes(1_500_000)]
    await put(store, id, bytes)
    await proxy.poison({ type: 'bandwidth', stream: 'downstream', attributes: { rate: 700 } })
    // It takes longer than the time without a byte that is an error.
    expect((await readAll(store, id)).equals(bytes)).toBe(true)
  })

  it('nobody there is an error, and afterwards all is well', async () => {
    const id = newBlobId()
    await proxy.enable(false)
    await expect(put(store, id, randomBytes(1000))).rejects.toThrow(StoreUnavailableError)
    await expect(store.stat(id)).rejects.toThrow(StoreUnavailableError)
    await proxy.enable(true)
    await put(store, id, Buffer.from('again'))
    expect((await readAll(store, id)).toString()).toBe('again')
  })
})
