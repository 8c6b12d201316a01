/** What every store must do. A store's own test is one call with a way to open it. */
import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readlink } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  BlobNotFoundError,
  type BlobStore,
  type BlobWriter,
  OtherInstanceError,
  type StoredBlob,
} from '../../src/blobs/blob-store.ts'
import { RegistryError } from '../../src/domain/errors.ts'

export interface OpenedStore {
  store: BlobStore
  /** Lets every write fail from now on, because there is no room or because the store can't be used for the moment; undefined ends it. */
  fail(how: 'full' | 'unavailable' | undefined): void
  /** A writer that has taken so many bytes has staged some of them outside the process. 0: it stages from its beginning. */
  stagedBytes?: number
  close(): Promise<void>
}

/** A fresh blob id. */
export function newBlobId(): string {
  const letters = Array.from({ length: 13 }, () => randomInt(36).toString(36))
  return `bl${letters.join('')}`
}

/** Writes the chunks into staging, to their end. */
export async function stage(store: BlobStore, id: string, ...chunks: Buffer[]): Promise<BlobWriter> {
  const writer = await store.create(id)
  for (const chunk of chunks) if (!writer.writable.write(chunk)) await once(writer.writable, 'drain')
  writer.writable.end()
  await finished(writer.writable)
  return writer
}

export async function put(store: BlobStore, id: string, ...chunks: Buffer[]): Promise<void> {
  const writer = await stage(store, id, ...chunks)
  await writer.publish()
}

export async function readAll(store: BlobStore, id: string): Promise<Buffer> {
  const { stream } = await store.read(id)
  return buffer(stream)
}

/** How many open files of this process have the id in their path. Linux only; elsewhere always 0. */
export async function openFilesOf(id: string): Promise<number> {
  if (process.platform !== 'linux') return 0
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map(fd => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  )
  return links.filter(link => link.includes(id)).length
}

/** The ids of all published blobs, sorted. */
export async function listed(store: BlobStore): Promise<string[]> {
  return (await collect(store.list())).map(({ id }) => id).sort()
}

/** The ids of all that is staged, sorted. */
export async function listedStaged(store: BlobStore): Promise<string[]> {
  return (await collect(store.listStaged())).map(({ id }) => id).sort()
}

async function collect(blobs: AsyncIterable<StoredBlob>): Promise<StoredBlob[]> {
  const all: StoredBlob[] = []
  for await (const blob of blobs) all.push(blob)
  return all
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

const hostileIds = [
  '',
  '.',
  '..',
  'bl',
  '../../etc/passwd',
  'bl../../../../x',
  'bl/0123456789ab',
  'bl0123456789ab/',
  'bl0123456789ab\\',
  'bl0123456789ab\0',
  'bl0123456789abc\0',
  'bl0123456789abc\n',
  'bl0123456789abC',
  'bl0123456789abcd',
  'bl0123456789ab',
  'mo0123456789abc',
  'bl0123456789ab\u202e',
  'bl0123456789ab\u00e9',
  'bl%2e%2e%2f01234',
  'CON',
  'b'.repeat(4096),
]

/** With a reason in `skipped`, its tests are skipped. */
export function describeBlobStore(
  name: string,
  openStore: () => Promise<OpenedStore>,
  { skipped }: { skipped?: string | undefined } = {},
): void {
  let opened: OpenedStore
  let store: BlobStore
  /** Bytes of which some are staged outside the process. */
  let staging: Buffer

  beforeEach(async context => {
    if (skipped !== undefined) context.skip(skipped)
    opened = await openStore()
    store = opened.store
    staging = randomBytes(Math.max(1000, opened.stagedBytes ?? 0))
  })
  afterEach(() => opened?.close())

  describe(`${name}, as every store, writing and reading`, () => {
    const border = 256 * 1024
    const sizes = [0, 1, 65_535, 65_536, 65_537, border - 1, border, border + 1, 2 * border, 5 * 1024 * 1024 + 3]

    it.each(sizes)('gives back %i bytes as they were written', async size => {
      const id = newBlobId()
      const bytes = randomBytes(size)
      await put(store, id, bytes)
      const reading = await store.read(id)
      const read = await buffer(reading.stream)
      expect({ size: reading.size, sha256: sha256(read) }).toEqual({ size, sha256: sha256(bytes) })
      expect(await store.stat(id)).toEqual({ size })
    })

    it('keeps the order of many chunks of many sizes', async () => {
      const id = newBlobId()
      const chunks = Array.from({ length: 3000 }, (_, i) => randomBytes((i * 7919) % 3001))
      await put(store, id, ...chunks)
      expect(sha256(await readAll(store, id))).toBe(sha256(Buffer.concat(chunks)))
    })

    it('gives back ranges at every border with the size of the whole', async () => {
      const id = newBlobId()
      const size = 2 * border + 5
      const bytes = randomBytes(size)
      await put(store, id, bytes)
      const edges = [0, 1, border - 1, border, border + 1, 2 * border - 1, 2 * border, size - 2, size - 1]
      for (const start of edges) {
        for (const end of edges.filter(edge => edge >= start)) {
          const reading = await store.read(id, { start, end })
          expect(reading.size).toBe(size)
          const read = await buffer(reading.stream)
          expect(read.equals(bytes.subarray(start, end + 1)), `bytes ${start} to ${end}`).toBe(true)
        }
      }
    })

    it('keeps two uploads at the same time apart', async () => {
      const [left, right] = [newBlobId(), newBlobId()]
      const [a, b] = [randomBytes(700_001), randomBytes(900_001)]
      await Promise.all([put(store, left, a), put(store, right, b)])
      expect((await readAll(store, left)).equals(a)).toBe(true)
      expect((await readAll(store, right)).equals(b)).toBe(true)
    })

    it('reads one blob while another is being written', async () => {
      const [old, fresh] = [newBlobId(), newBlobId()]
      const bytes = randomBytes(1_000_000)
      await put(store, old, bytes)
      const writer = await store.create(fresh)
      writer.writable.write(randomBytes(1000))
      expect((await readAll(store, old)).equals(bytes)).toBe(true)
      writer.writable.end(randomBytes(1000))
      await finished(writer.writable)
      await writer.publish()
      expect(await store.stat(fresh)).toEqual({ size: 2000 })
    })

    it('closes everything when readers leave early, at the start, in the middle or without a byte read', async () => {
      const id = newBlobId()
      await put(store, id, randomBytes(2_000_000))
      const [untouched, started, reading] = [await store.read(id), await store.read(id), await store.read(id)]
      const streams = [untouched.stream, started.stream, reading.stream]
      const closed = Promise.all(streams.map(stream => once(stream, 'close')))
      await once(started.stream, 'readable')
      await once(reading.stream, 'data')
      for (const stream of streams) stream.destroy()
      await closed
      expect(await openFilesOf(id)).toBe(0)
    })

    it('closes everything after publishing and after reading to the end', async () => {
      const id = newBlobId()
      await put(store, id, randomBytes(10))
      const { stream } = await store.read(id)
      const closed = once(stream, 'close')
      await buffer(stream)
      await closed
      expect(await openFilesOf(id)).toBe(0)
    })

    it('says it is well and how much room there is, if it has a bound', async () => {
      await store.checkHealth()
      const capacity = await store.capacity()
      if (capacity === undefined) return
      expect(capacity.freeBytes).toBeGreaterThanOrEqual(0)
      expect(capacity.totalBytes).toBeGreaterThanOrEqual(capacity.freeBytes)
    })
  })

  describe(`${name}, as every store, publishing and removing`, () => {
    it('shows nothing of a blob before it is published', async () => {
      const id = newBlobId()
      const writer = await stage(store, id, randomBytes(100_000))
      expect(await store.stat(id)).toBe(undefined)
      await expect(store.read(id)).rejects.toThrow(BlobNotFoundError)
      expect(await listed(store)).toEqual([])
      await writer.publish()
      expect(await store.stat(id)).toEqual({ size: 100_000 })
    })

    it('refuses to publish what has not been written to its end', async () => {
      const id = newBlobId()
      const writer = await store.create(id)
      writer.writable.write('half')
      await expect(writer.publish()).rejects.toThrow('not been written to its end')
      await writer.discard()
      expect(await store.stat(id)).toBe(undefined)
    })

    it('drops what is discarded, written to its end or not, once or twice', async () => {
      const [whole, half] = [newBlobId(), newBlobId()]
      const wholeWriter = await stage(store, whole, randomBytes(1000))
      const halfWriter = await store.create(half)
      halfWriter.writable.write(randomBytes(1000))
      await wholeWriter.discard()
      await halfWriter.discard()
      await halfWriter.discard()
      await expect(wholeWriter.publish()).rejects.toThrow(Error)
      expect(await listed(store)).toEqual([])
      expect([await openFilesOf(whole), await openFilesOf(half)]).toEqual([0, 0])
    })

    it('keeps a published blob when it is discarded afterwards', async () => {
      const id = newBlobId()
      const writer = await stage(store, id, Buffer.from('kept'))
      await writer.publish()
      await writer.discard()
      expect((await readAll(store, id)).toString()).toBe('kept')
    })

    it('never lets a second upload replace a blob, and stays well', async () => {
      const id = newBlobId()
      const first = await stage(store, id, Buffer.from('the first, longer bytes'))
      const second = await stage(store, id, Buffer.from('second'))
      await first.publish()
      await expect(second.publish()).rejects.toThrow(Error)
      expect((await readAll(store, id)).toString()).toBe('the first, longer bytes')
      await store.checkHealth()
    })

    it('lets exactly one of several publishers of the same id win', async () => {
      const id = newBlobId()
      const writers = await Promise.all([1, 2, 3, 4].map(n => stage(store, id, Buffer.from(`bytes ${n}`))))
      const results = await Promise.allSettled(writers.map(writer => writer.publish()))
      const winners = results.flatMap(({ status }, i) => (status === 'fulfilled' ? [`bytes ${i + 1}`] : []))
      expect(winners).toHaveLength(1)
      expect((await readAll(store, id)).toString()).toBe(winners[0])
    })

    it('removes a blob, and removing it again is fine', async () => {
      const id = newBlobId()
      await put(store, id, Buffer.from('gone'))
      await store.delete(id)
      await store.delete(id)
      expect(await store.stat(id)).toBe(undefined)
      await expect(store.read(id)).rejects.toThrow(BlobNotFoundError)
    })

    it('tells absence of an id apart from every other error', async () => {
      const id = newBlobId()
      expect(await store.stat(id)).toBe(undefined)
      await expect(store.read(id)).rejects.toThrow(BlobNotFoundError)
      await expect(store.read(id, { start: 0, end: 0 })).rejects.toThrow(BlobNotFoundError)
    })

    it('lets a reader that has begun before the removal finish with the right bytes, or fail, but never end short', async () => {
      const id = newBlobId()
      const bytes = randomBytes(3_000_000)
      await put(store, id, bytes)
      const { stream } = await store.read(id)
      await once(stream, 'readable')
      await store.delete(id)
      const outcome = await buffer(stream).then(
        read => read.equals(bytes),
        (error: unknown) => error instanceof Error,
      )
      expect(outcome).toBe(true)
      expect(await store.stat(id)).toBe(undefined)
    })

    it('lists what is published and nothing else', async () => {
      const ids = Array.from({ length: 20 }, newBlobId)
      await Promise.all(ids.map(id => put(store, id, Buffer.from(id))))
      const staged = await stage(store, newBlobId(), Buffer.from('not yet'))
      expect((await listed(store)).sort()).toEqual(ids.sort())
      await staged.discard()
    })

    it.each(hostileIds)('refuses the id %j for everything', async id => {
      await expect(store.create(id)).rejects.toThrow('is not the id of a blob')
      await expect(store.read(id)).rejects.toThrow('is not the id of a blob')
      await expect(store.stat(id)).rejects.toThrow('is not the id of a blob')
      await expect(store.delete(id)).rejects.toThrow('is not the id of a blob')
      await expect(store.discardStaged(id)).rejects.toThrow('is not the id of a blob')
      expect(await listed(store)).toEqual([])
    })
  })

  describe(`${name}, as every store, staging`, () => {
    it('lists what is being written, with the time of a byte, until it is published or discarded', async () => {
      const [published, discarded] = [newBlobId(), newBlobId()]
      const before = Date.now() - CLOCK_STEP_MS
      const first = await stage(store, published, staging)
      const second = opened.stagedBytes ? await stage(store, discarded, staging) : await store.create(discarded)
      const staged = await collect(store.listStaged())
      expect(staged.map(({ id }) => id).sort()).toEqual([published, discarded].sort())
      expectTimes(staged, before)
      await first.publish()
      expect(await listedStaged(store)).toEqual([discarded])
      await second.discard()
      expect(await listedStaged(store)).toEqual([])
    })

    it('lists when each published blob was written', async () => {
      const before = Date.now() - CLOCK_STEP_MS
      await put(store, newBlobId(), randomBytes(1000))
      await put(store, newBlobId())
      const blobs = await collect(store.list())
      expect(blobs).toHaveLength(2)
      expectTimes(blobs, before)
    })

    it('discards all that is staged under an id, once or twice, and nothing else', async () => {
      const [id, other] = [newBlobId(), newBlobId()]
      await stage(store, id, staging)
      await stage(store, id, Buffer.from('two'))
      const writer = await stage(store, other, staging)
      await store.discardStaged(id)
      await store.discardStaged(id)
      expect(await listedStaged(store)).toEqual([other])
      await writer.publish()
      await store.discardStaged(other)
      expect((await readAll(store, other)).equals(staging)).toBe(true)
    })

    it('publishes nothing whose staging was discarded, and stays well', async () => {
      for (const bytes of [staging, randomBytes(1000)]) {
        const id = newBlobId()
        const writer = await stage(store, id, bytes)
        await store.discardStaged(id)
        await expect(writer.publish()).rejects.toThrow('were discarded')
        await writer.discard()
        expect(await store.stat(id)).toBe(undefined)
        expect(await openFilesOf(id)).toBe(0)
        await store.checkHealth()
        await put(store, id, Buffer.from('again'))
        expect((await readAll(store, id)).toString()).toBe('again')
      }
    })

    it('drops what is staged when it is discarded, whether or not it was written to its end', async () => {
      const whole = await stage(store, newBlobId(), staging)
      const half = await store.create(newBlobId())
      half.writable.write(staging)
      await whole.discard()
      await half.discard()
      expect([await listed(store), await listedStaged(store)]).toEqual([[], []])
    })

    it('finds staged bytes again by what the writer has noted, before any were staged', async () => {
      const id = newBlobId()
      let noted: string | undefined
      const noteStaging = async (reference: string) => {
        expect(noted).toBe(undefined)
        noted = reference
      }
      const writer = await store.create(id, { noteStaging })
      writer.writable.end(staging)
      await finished(writer.writable)
      await store.discardStaged(id, noted)
      expect(await listedStaged(store)).toEqual([])
      await expect(writer.publish()).rejects.toThrow('were discarded')
      expect(await store.stat(id)).toBe(undefined)
    })
  })

  describe(`${name}, as every store, belonging to a registry`, () => {
    it('has no instance id until one is written, and then that one', async () => {
      const id = randomUUID()
      expect(await store.readInstanceId()).toBe(undefined)
      await store.writeInstanceId(id)
      await store.writeInstanceId(id)
      expect(await store.readInstanceId()).toBe(id)
      expect([await listed(store), await listedStaged(store)]).toEqual([[], []])
    })

    it('keeps its instance id when another one is written', async () => {
      const [mine, other] = [randomUUID(), randomUUID()]
      await store.writeInstanceId(mine)
      const error = await store.writeInstanceId(other).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(OtherInstanceError)
      expect(error).toMatchObject({ expected: other, actual: mine })
      expect(await store.readInstanceId()).toBe(mine)
    })

    it('takes one of several ids that are written at the same time', async () => {
      const ids = Array.from({ length: 5 }, () => randomUUID())
      const results = await Promise.allSettled(ids.map(id => store.writeInstanceId(id)))
      const winners = ids.filter((_, index) => results[index]?.status === 'fulfilled')
      expect(winners).toEqual([await store.readInstanceId()])
    })

    it.each(['', 'x', '../instance', `${randomUUID()}\n`, randomUUID().toUpperCase(), 'a'.repeat(4096)])(
      'refuses %j as an instance id',
      async id => {
        await expect(store.writeInstanceId(id)).rejects.toThrow('is not the id of an instance')
        expect(await store.readInstanceId()).toBe(undefined)
      },
    )
  })

  describe(`${name}, as every store, failing`, () => {
    it.each([
      ['full', 'storage_full'],
      ['unavailable', 'unavailable'],
    ] as const)('says in a typed error that it is %s, keeps nothing, and works again afterwards', async (how, code) => {
      const [kept, lost] = [newBlobId(), newBlobId()]
      await put(store, kept, Buffer.from('kept'))
      opened.fail(how)
      const error = await put(store, lost, randomBytes(1_000_000)).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(RegistryError)
      expect(error).toMatchObject({ code })
      await expect(store.writeInstanceId(randomUUID())).rejects.toMatchObject({ code })
      opened.fail(undefined)
      expect([await listed(store), await store.readInstanceId()]).toEqual([[kept], undefined])
      await store.discardStaged(lost)
      await put(store, lost, Buffer.from('fits'))
      expect((await readAll(store, lost)).toString()).toBe('fits')
      expect((await readAll(store, kept)).toString()).toBe('kept')
      await store.checkHealth()
    })
  })
}

/** The times of a medium come from a clock that is this coarse, in ms: some stores know only seconds. */
const CLOCK_STEP_MS = 1000

function expectTimes(blobs: StoredBlob[], notBefore: number): void {
  for (const { modifiedAt } of blobs) {
    expect(Number.isSafeInteger(modifiedAt)).toBe(true)
    expect(modifiedAt).toBeGreaterThanOrEqual(notBefore)
    expect(modifiedAt).toBeLessThanOrEqual(Date.now())
  }
}
