/** An answer that can't be finished is reset, whatever it streams and however old the client's HTTP is: a clean end would look complete. */
import { randomBytes } from 'node:crypto'
import { rm, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { Transform } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BlobStore } from '../../src/blobs/blob-store.ts'
import { LocalStore } from '../../src/blobs/local/local-store.ts'
import { keepModel, startRegistry, type TestRegistry } from '../support/registry.ts'
import { storedFiles } from '../support/stored-files.ts'

const MIB = 1024 * 1024
const LARGE = 8 * MIB

let registry: TestRegistry
let url: URL
/** Whether what is read from the store breaks off after some megabytes. */
let doesReadingFail = false
/** Each has a large file `a` that is whole, and others after it. */
let sound: string
let rotten: string
let missing: string

beforeAll(async () => {
  registry = await startRegistry({}, { openStore: async dir => breakingOff(await LocalStore.open(dir)) })
  url = new URL(await registry.listen())
  const keep = async (size: number) => {
    const { id } = await keepModel(registry.writer, { a: randomBytes(LARGE), b: randomBytes(size), c: 'c' })
    return `/v1/models/${id}/versions/1`
  }
  sound = await keep(100)
  rotten = await keep(6 * MIB)
  missing = await keep(5 * MIB)
  for (const path of await storedFiles(registry.dataDir)) {
    const { size } = await stat(path)
    if (size === 6 * MIB) await writeFile(path, randomBytes(size))
    if (size === 5 * MIB) await rm(path)
  }
})
afterAll(() => registry.close())

function breakingOff(store: LocalStore): BlobStore {
  const read: BlobStore['read'] = async (id, range) => {
    const { size, stream } = await store.read(id, range)
    if (!doesReadingFail) return { size, stream }
    let passed = 0
    const breaking = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        passed += chunk.length
        if (passed > 3 * MIB) done(new Error('the disk has had enough'))
        else done(null, chunk)
      },
    })
    stream.pipe(breaking).once('close', () => stream.destroy())
    return { size, stream: breaking }
  }
  return new Proxy(store, {
    get(target, name) {
      if (name === 'read') return read
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** What came back, and whether the connection ended in a way that no client takes for the end of the bytes. */
async function receive(version: string, path: string, headers = '') {
  const socket = connect(Number(url.port), url.hostname)
  const auth = `Authorization: Bearer ${registry.reader.key}`
  socket.write(`GET ${path} HTTP/${version}\r\nHost: h\r\n${auth}\r\nConnection: close\r\n${headers}\r\n`)
  const chunks: Buffer[] = []
  let ending = 'closed'
  socket.on('data', chunk => chunks.push(chunk))
  socket.on('error', (error: NodeJS.ErrnoException) => {
    ending = error.code === 'ECONNRESET' ? 'reset' : String(error)
  })
  await new Promise(resolve => socket.once('close', resolve))
  const received = Buffer.concat(chunks)
  const head = received.subarray(0, received.indexOf('\r\n\r\n')).toString('latin1')
  return {
    status: Number(head.split(' ')[1]),
    announced: Number(/^content-length: (\d+)$/im.exec(head)?.[1]),
    length: received.length - head.length - 4,
    ending,
  }
}

describe.each(['1.0', '1.1'])('over HTTP/%s', version => {
  test.each<[string, () => [path: string, headers?: string], 200 | 206]>([
    ['a file whose bytes are rotten', () => [`${rotten}/files/b`], 200],
    ['the same as a range that is all of it', () => [`${rotten}/files/b`, 'Range: bytes=0-\r\n'], 206],
    ['an archive with rotten bytes in the middle', () => [`${rotten}/archive`], 200],
    ['an archive with a file that is missing', () => [`${missing}/archive`], 200],
  ])('%s is reset before its end', async (_what, make, status) => {
    const { announced, length, ...answer } = await receive(version, ...make())
    // Once it is known the answer is an error from the start, so only the first of the two versions sees it break off.
    if (answer.status === 500) return expect(answer.ending).toBe('closed')
    expect(answer).toEqual({ status, ending: 'reset' })
    expect(length).toBeLessThan(announced)
  })

  test.each<[string, () => [path: string, headers?: string], 200 | 206]>([
    ['a file', () => [`${sound}/files/a`], 200],
    ['a range', () => [`${sound}/files/a`, 'Range: bytes=10-8000000\r\n'], 206],
    ['an archive', () => [`${sound}/archive`], 200],
  ])('%s that the disk fails to give is reset before its end', async (_what, make, status) => {
    doesReadingFail = true
    try {
      const { announced, length, ...answer } = await receive(version, ...make())
      expect(answer).toEqual({ status, ending: 'reset' })
      expect(length).toBeLessThan(announced)
    } finally {
      doesReadingFail = false
    }
    expect(await receive(version, ...make())).toMatchObject({ status, ending: 'closed' })
  })

  test.each<[string, () => string]>([
    ['a file', () => `${sound}/files/a`],
    ['an archive', () => `${sound}/archive`],
  ])('%s that is sound is as long as announced', async (_what, path) => {
    const { status, announced, length, ending } = await receive(version, path())
    expect([status, ending, length]).toEqual([200, 'closed', announced])
  })
})
