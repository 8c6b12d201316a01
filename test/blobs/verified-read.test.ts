import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BlobNotFoundError } from '../../src/blobs/blob-store.ts'
import { LocalStore } from '../../src/blobs/local/local-store.ts'
import { type BlobFacts, DamagedBlobError, hashBlob, verifyWhileReading } from '../../src/blobs/verified-read.ts'
import { newBlobId, put } from './contract.ts'

const facts = (bytes: Buffer): BlobFacts => ({
  size: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
})

/** The bytes in chunks of the given length. */
function cut(bytes: Buffer, length: number): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += length) chunks.push(bytes.subarray(at, at + length))
  return chunks
}

/** Reads what a client would get, to the end or to the error. */
async function receive(chunks: Buffer[], expected: BlobFacts) {
  const damages: BlobFacts[] = []
  const stream = verifyWhileReading(Readable.from(chunks), expected, actual => damages.push(actual))
  const received: Buffer[] = []
  stream.on('data', (chunk: Buffer) => received.push(chunk))
  const error = await once(stream, 'end').then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { bytes: Buffer.concat(received), error, damages }
}

async function expectDamage(chunks: Buffer[], expected: BlobFacts): Promise<void> {
  const { bytes, error, damages } = await receive(chunks, expected)
  const actual = facts(Buffer.concat(chunks))
  expect(error).toBeInstanceOf(DamagedBlobError)
  expect(error).toMatchObject({ expected, actual })
  expect(damages).toEqual([actual])
  expect(bytes.length).toBeLessThan(Math.max(expected.size, 1))
}

describe('a verified reading', () => {
  const original = randomBytes(257)
  const expected = facts(original)

  it.each([1, 16, 64, 257, 1000])('passes whole bytes on unchanged in chunks of %i', async length => {
    const { bytes, error, damages } = await receive(cut(original, length), expected)
    expect({ error, damages }).toEqual({ error: undefined, damages: [] })
    expect(bytes.equals(original)).toBe(true)
  })

  it.each([1, 64, 1000])('never completes with any one byte flipped, in chunks of %i', async length => {
    for (let position = 0; position < original.length; position++) {
      const damaged = Buffer.from(original)
      damaged.writeUInt8(damaged.readUInt8(position) ^ 1, position)
      await expectDamage(cut(damaged, length), expected)
    }
  })

  it.each([1, 64, 1000])('never completes when cut off anywhere, in chunks of %i', async length => {
    for (let size = 0; size < original.length; size++)
      await expectDamage(cut(original.subarray(0, size), length), expected)
  })

  it.each([1, 64, 257, 1000])('never completes when longer than recorded, in chunks of %i', async length => {
    const longer = Buffer.concat([original, randomBytes(600)])
    for (const size of [258, 259, 320, 321, 514, 857])
      await expectDamage(cut(longer.subarray(0, size), length), expected)
  })

  it('is not fooled by empty chunks into giving the last bytes away', async () => {
    const damaged = Buffer.from(original)
    damaged.writeUInt8(damaged.readUInt8(0) ^ 0xff, 0)
    await expectDamage([Buffer.alloc(0), damaged, Buffer.alloc(0), Buffer.alloc(0)], expected)
    expect((await receive([Buffer.alloc(0), original, Buffer.alloc(0)], expected)).bytes.equals(original)).toBe(true)
  })

  it('passes an empty blob and refuses what is empty or not when it should not be', async () => {
    const empty = facts(Buffer.alloc(0))
    expect(await receive([], empty)).toMatchObject({ error: undefined, damages: [] })
    await expectDamage([Buffer.of(1)], empty)
    await expectDamage([], { size: 0, sha256: expected.sha256 })
    await expectDamage([], expected)
  })

  it('passes any bytes in any chunks', async () => {
    const chunks = fc.array(
      fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
      { maxLength: 20 },
    )
    await fc.assert(
      fc.asyncProperty(chunks, async pieces => {
        const whole = Buffer.concat(pieces)
        const { bytes, error } = await receive(pieces, facts(whole))
        expect(error).toBe(undefined)
        expect(bytes.equals(whole)).toBe(true)
      }),
    )
  })

  it('passes a failing source on as its own error, not as damage', async () => {
    const failing = Readable.from(
      (async function* () {
        yield original.subarray(0, 100)
        throw new Error('the disk is gone')
      })(),
    )
    const damages: BlobFacts[] = []
    const stream = verifyWhileReading(failing, expected, actual => damages.push(actual))
    await expect(buffer(stream)).rejects.toThrow('the disk is gone')
    expect(damages).toEqual([])
  })

  it('closes the source when the reader leaves early, and calls that no damage', async () => {
    const source = Readable.from(cut(randomBytes(100_000), 1000))
    const damages: BlobFacts[] = []
    const stream = verifyWhileReading(source, expected, actual => damages.push(actual))
    const closed = new Promise<void>(resolve => source.once('close', resolve))
    stream.destroy()
    await closed
    expect({ destroyed: source.destroyed, damages }).toEqual({ destroyed: true, damages: [] })
  })
})

describe('hashing a stored blob', () => {
  it('tells size and sha256 of what is stored, and that an id is absent', async () => {
    const root = await mkdtemp(join(tmpdir(), 'holotype-hash-'))
    const store = await LocalStore.open(root)
    const [id, empty] = [newBlobId(), newBlobId()]
    const bytes = randomBytes(1_000_001)
    await put(store, id, bytes)
    await put(store, empty)
    expect(await hashBlob(store, id)).toEqual(facts(bytes))
    expect(await hashBlob(store, empty)).toEqual(facts(Buffer.alloc(0)))
    await expect(hashBlob(store, newBlobId())).rejects.toThrow(BlobNotFoundError)
    await rm(root, { recursive: true })
  })
})
