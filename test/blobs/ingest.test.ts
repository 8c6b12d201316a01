import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BlobStore, StoreFullError } from '../../src/blobs/blob-store.ts'
import {
  BodyInterruptedError,
  DigestMismatchError,
  ingest,
  SizeMismatchError,
  TooManyBytesError,
} from '../../src/blobs/ingest.ts'
import { realDisk } from '../../src/blobs/local/local-disk.ts'
import { LocalStore } from '../../src/blobs/local/local-store.ts'
import { listed, newBlobId, openFilesOf, readAll } from './contract.ts'

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const thrownBy = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('the byte pipeline', () => {
  let root: string
  let store: LocalStore

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'holotype-ingest-'))
    store = await LocalStore.open(root)
  })
  afterEach(() => rm(root, { recursive: true }))

  async function expectNothingLeft(): Promise<void> {
    expect(await readdir(join(root, 'tmp'))).toEqual([])
    expect(await listed(store)).toEqual([])
    expect(await openFilesOf(root)).toBe(0)
  }

  it('takes a body of exactly the limit and tells its size and sha256 before anybody can read it', async () => {
    const id = newBlobId()
    const bytes = randomBytes(1_000_000)
    const blob = await ingest(store, id, Readable.from([bytes]), { maxBytes: 1_000_000 })
    expect(blob).toMatchObject({ id, size: 1_000_000, sha256: digest(bytes) })
    expect(await store.stat(id)).toBe(undefined)
    await blob.publish()
    await blob.discard()
    expect((await readAll(store, id)).equals(bytes)).toBe(true)
  })

  it('refuses a declared size above the limit before a byte is read', async () => {
    const body = Readable.from([randomBytes(10)])
    const error = await thrownBy(ingest(store, newBlobId(), body, { maxBytes: 100, expected: { size: 101 } }))
    expect(error).toBeInstanceOf(TooManyBytesError)
    expect(body.readableDidRead).toBe(false)
    await expectNothingLeft()
  })

  it('refuses one byte more than the limit', async () => {
    const body = Readable.from([randomBytes(1_000_000), Buffer.of(1)])
    const error = await thrownBy(ingest(store, newBlobId(), body, { maxBytes: 1_000_000 }))
    expect(error).toBeInstanceOf(TooManyBytesError)
    expect(error).toMatchObject({ name: 'TooManyBytesError', maxBytes: 1_000_000 })
    await expectNothingLeft()
  })

  it('stops reading an endless body at the limit and leaves it to its owner', async () => {
    let given = 0
    const body = new Readable({
      read() {
        given += 16_384
        this.push(Buffer.alloc(16_384))
      },
    })
    await expect(ingest(store, newBlobId(), body, { maxBytes: 100_000 })).rejects.toThrow(TooManyBytesError)
    const givenAtRefusal = given
    for (let i = 0; i < 20; i++) await turn()
    expect(given - givenAtRefusal).toBeLessThanOrEqual(body.readableHighWaterMark)
    expect(given).toBeLessThan(500_000)
    expect(body.destroyed).toBe(false)
    body.destroy()
    await expectNothingLeft()
  })

  it('lets an HTTP server answer on the connection whose body was too long', async () => {
    const server = createServer((incoming, response) => {
      ingest(store, newBlobId(), incoming, { maxBytes: 10 }).catch(() => response.writeHead(413).end('too long'))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const sending = request({ port, host: '127.0.0.1', method: 'PUT', headers: { 'content-length': 1_000_000 } })
    sending.write(Buffer.alloc(100_000))
    const [response] = await once(sending, 'response')
    expect(response.statusCode).toBe(413)
    sending.on('error', () => {})
    sending.destroy()
    server.closeAllConnections()
    server.close()
    await expectNothingLeft()
  })

  it.each(['lower', 'upper'])('accepts the declared sha256 in %s case, and the declared size', async letters => {
    const bytes = randomBytes(5000)
    const sha256 = letters === 'upper' ? digest(bytes).toUpperCase() : digest(bytes)
    const body = Readable.from([bytes])
    const blob = await ingest(store, newBlobId(), body, { maxBytes: 5000, expected: { size: 5000, sha256 } })
    expect(blob.sha256).toBe(digest(bytes))
    await blob.discard()
    await expectNothingLeft()
  })

  it('refuses another sha256 than declared and names both', async () => {
    const expected = digest(Buffer.from('something else'))
    const options = { maxBytes: 100, expected: { sha256: expected.toUpperCase() } }
    const error = await thrownBy(ingest(store, newBlobId(), Readable.from([Buffer.from('bytes')]), options))
    expect(error).toBeInstanceOf(DigestMismatchError)
    expect(error).toMatchObject({ expected, actual: digest(Buffer.from('bytes')) })
    await expectNothingLeft()
  })

  it.each([
    ['shorter', 3, 3],
    ['longer', 7, 6],
    ['empty', 0, 0],
  ])('refuses a body that is %s than declared', async (_word, length, actual) => {
    const body = Readable.from(Array.from({ length }, () => Buffer.of(1)))
    const error = await thrownBy(ingest(store, newBlobId(), body, { maxBytes: 100, expected: { size: 5 } }))
    expect(error).toBeInstanceOf(SizeMismatchError)
    expect(error).toMatchObject({ expected: 5, actual })
    if (!body.readableEnded) body.destroy()
    await expectNothingLeft()
  })

  it('takes an empty body, also when exactly that was declared', async () => {
    const expected = { size: 0, sha256: digest(Buffer.alloc(0)) }
    const blob = await ingest(store, newBlobId(), Readable.from([]), { maxBytes: 0, expected })
    expect(blob).toMatchObject(expected)
    await blob.publish()
    expect(await store.stat(blob.id)).toEqual({ size: 0 })
  })

  it('leaves nothing behind when the body fails half-way, and keeps the cause', async () => {
    const body = new PassThrough()
    body.write(randomBytes(200_000))
    const ingesting = thrownBy(ingest(store, newBlobId(), body, { maxBytes: 1_000_000 }))
    const cause = new Error('connection reset')
    body.once('drain', () => body.destroy(cause))
    const error = await ingesting
    expect(error).toBeInstanceOf(BodyInterruptedError)
    expect(error).toMatchObject({ cause })
    await expectNothingLeft()
  })

  it('leaves nothing behind when the body is gone before the store is ready', async () => {
    const body = new PassThrough()
    const ingesting = thrownBy(ingest(store, newBlobId(), body, { maxBytes: 1_000_000 }))
    body.destroy(new Error('gone'))
    expect(await ingesting).toBeInstanceOf(BodyInterruptedError)
    await expectNothingLeft()
  })

  it('leaves nothing behind when the body was over before it came', async () => {
    const body = new PassThrough()
    body.destroy()
    await once(body, 'close')
    const error = await thrownBy(ingest(store, newBlobId(), body, { maxBytes: 1_000_000 }))
    expect(error).toBeInstanceOf(BodyInterruptedError)
    await expectNothingLeft()
  })

  it('leaves nothing behind when an HTTP client hangs up in the middle', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const server = createServer(incoming => {
      incoming.once('data', () => sending.destroy())
      resolve(thrownBy(ingest(store, newBlobId(), incoming, { maxBytes: 10_000_000 })))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const sending = request({ port, host: '127.0.0.1', method: 'PUT', headers: { 'content-length': 1_000_000 } })
    sending.on('error', () => {})
    sending.write(Buffer.alloc(100_000))
    expect(await promise).toBeInstanceOf(BodyInterruptedError)
    server.close()
    await expectNothingLeft()
  })

  it('passes the full disk on as the store says it and leaves the body to its owner', async () => {
    const write = () => Promise.reject(Object.assign(new Error('no room'), { code: 'ENOSPC' }))
    store = await LocalStore.open(root, { disk: { ...realDisk, write } })
    const body = new PassThrough()
    const ingesting = thrownBy(ingest(store, newBlobId(), body, { maxBytes: 10_000_000 }))
    body.write(randomBytes(3_000_000))
    expect(await ingesting).toBeInstanceOf(StoreFullError)
    expect(body.destroyed).toBe(false)
    await expectNothingLeft()
  })

  it('holds back the sender when the store is slow', async () => {
    const waiting: (() => void)[] = []
    let written = 0
    const sink = new Writable({
      highWaterMark: 128 * 1024,
      write(chunk: Buffer, _encoding, done) {
        written += chunk.length
        waiting.push(done)
      },
    })
    const slow = { create: async () => ({ writable: sink, publish: async () => {}, discard: async () => {} }) }
    const total = 20_000_000
    let given = 0
    const body = new Readable({
      read() {
        const length = Math.min(50_000, total - given)
        given += length
        this.push(length === 0 ? null : Buffer.alloc(length))
      },
    })
    let most = 0
    const watch = async () => {
      while (!sink.writableFinished) {
        for (let i = 0; i < 5; i++) await turn()
        most = Math.max(most, given - written)
        waiting.shift()?.()
      }
    }
    const [blob] = await Promise.all([
      ingest(slow as unknown as BlobStore, newBlobId(), body, { maxBytes: total }),
      watch(),
    ])
    expect(blob.size).toBe(total)
    expect(most).toBeLessThan(1024 * 1024)
  })

  it('finds the same sha256 however the bytes are cut', async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(chunks, async pieces => {
        const whole = Buffer.concat(pieces)
        const blob = await ingest(store, newBlobId(), Readable.from(pieces), { maxBytes: whole.length })
        await blob.discard()
        expect({ size: blob.size, sha256: blob.sha256 }).toEqual({ size: whole.length, sha256: digest(whole) })
      }),
    )
    await expectNothingLeft()
  })
})
