/** Reading that notices damage: the bytes on the medium against the size and sha256 on record. */
import { createHash } from 'node:crypto'
import { pipeline, type Readable, Transform } from 'node:stream'
import { RegistryError } from '../domain/errors.ts'
import type { BlobStore } from './blob-store.ts'

/** A size in bytes and a sha256 in lower-case hex. */
export interface BlobFacts {
  size: number
  sha256: string
}

/** The stored bytes are not those that were once published. */
export class DamagedBlobError extends RegistryError {
  override readonly name = 'DamagedBlobError'
  readonly expected: BlobFacts
  readonly actual: BlobFacts
  constructor(expected: BlobFacts, actual: BlobFacts) {
    const cause = new Error(
      `${expected.size} bytes with sha256 ${expected.sha256} are on record, but ${actual.size} with ${actual.sha256} are stored`,
    )
    super('damaged', 'the stored bytes no longer have the sha256 they were accepted with', { cause })
    this.expected = expected
    this.actual = actual
  }
}

/**
 * Passes a whole blob on while hashing it and holds the last chunk back until everything before and in it has proved right. When the blob is
 * damaged, `onDamage` is called once and the stream is destroyed with a `DamagedBlobError`, so that nobody ever receives all the bytes.
 * (Only an empty answer can't be held back: there the error alone tells.) A failing source destroys the stream with the source's error, and
 * a reader who leaves early destroys the source; neither says anything about damage. `onDamage` must not throw.
 */
export function verifyWhileReading(
  source: Readable,
  expected: BlobFacts,
  onDamage: (actual: BlobFacts) => void,
): Readable {
  const hash = createHash('sha256')
  let size = 0
  let held: Buffer | undefined
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      size += chunk.length
      if (chunk.length === 0) return done()
      // Past the recorded size the damage is certain: the rest is hashed for the report, and nothing more goes out.
      if (size > expected.size) return done()
      const previous = held
      held = chunk
      done(null, previous)
    },
    flush(done) {
      const actual = { size, sha256: hash.digest('hex') }
      if (actual.size === expected.size && actual.sha256 === expected.sha256) return done(null, held)
      onDamage(actual)
      done(new DamagedBlobError(expected, actual))
    },
  })
  // Each of the two ends with the other; the reader of the result gets the errors.
  return pipeline(source, check, () => {})
}

/** Reads a whole blob for its size and sha256. Throws what `BlobStore.read` throws, or the medium's error on the way. */
export async function hashBlob(store: BlobStore, id: string): Promise<BlobFacts> {
  const { stream, recycle } = await store.read(id)
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk)
    size += chunk.length
    recycle?.(chunk)
  }
  return { size, sha256: hash.digest('hex') }
}
