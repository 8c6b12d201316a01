/** The one way for bytes into a store: limit → sha256 → count → staging → compare. Memory per upload is constant. */
import { createHash } from 'node:crypto'
import { finished, type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { DeclaredBytes } from '../domain/declared-bytes.ts'
import { RegistryError } from '../domain/errors.ts'
import type { BlobStore, BlobWriter, CreateOptions } from './blob-store.ts'

export interface IngestOptions {
  /** The most bytes the body may have; exactly as many are allowed. */
  maxBytes: number
  /** What the sender declared: `size` in bytes, `sha256` in hex of either case. */
  expected?: DeclaredBytes
}

/** Bytes that have arrived whole and as declared. Nobody can read them before `publish` has returned. */
export interface Ingested {
  /** In bytes. */
  size: number
  /** In lower-case hex. */
  sha256: string
  /** As `BlobWriter.publish`: durable and readable, or an error and nothing readable. */
  publish(): Promise<void>
  /** Drops the bytes. After `publish` it does nothing. */
  discard(): Promise<void>
}

export interface IngestedBlob extends Ingested {
  id: string
}

/** Reads the body to its end into the store's staging, under a fresh id. Rejects as `ingestInto` does. */
export async function ingest(
  store: BlobStore,
  id: string,
  body: Readable,
  options: IngestOptions & Pick<CreateOptions, 'noteStaging'>,
): Promise<IngestedBlob> {
  const { expected, noteStaging } = options
  const ingested = await ingestInto(() => store.create(id, { size: expected?.size, noteStaging }), body, options)
  return { ...ingested, id }
}

/**
 * Reads the body to its end into the staging that `open` opens. When it rejects, what was staged has been discarded:
 *
 * - `TooManyBytesError` at once for a declared size above the limit, else as soon as a byte too many arrives
 * - `SizeMismatchError` likewise, and for a body that ends early
 * - `DigestMismatchError` after the last byte
 * - `BodyInterruptedError` when the body fails or is destroyed before its end
 * - the store's own errors, such as `StoreFullError`
 *
 * It never destroys the body: what is not wanted stays unread, so that the body's owner can still answer on the same connection.
 */
export async function ingestInto(
  open: () => Promise<BlobWriter>,
  body: Readable,
  options: IngestOptions,
): Promise<Ingested> {
  const { maxBytes, expected } = options
  if (expected?.size !== undefined && expected.size > maxBytes) throw new TooManyBytesError(maxBytes)
  const { meter, measured } = measure(options)
  // Listening starts before the first wait: a body may fail while the store still opens the blob.
  finished(body, { writable: false }, error => {
    if (error) meter.destroy(new BodyInterruptedError(error))
  })
  const writer = await open()
  try {
    body.pipe(meter)
    await pipeline(meter, writer.writable)
    const { size, sha256 } = measured()
    compare({ size, sha256 }, options.expected)
    return { size, sha256, publish: () => writer.publish(), discard: () => writer.discard() }
  } catch (error) {
    body.unpipe(meter)
    // The first error is the one to tell.
    await writer.discard().catch(() => {})
    throw error
  }
}

/** A pass-through that counts and hashes, and fails at the first byte too many. */
function measure({ maxBytes, expected }: IngestOptions) {
  const hash = createHash('sha256')
  let size = 0
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size > maxBytes) return done(new TooManyBytesError(maxBytes))
      if (expected?.size !== undefined && size > expected.size) return done(new SizeMismatchError(expected.size, size))
      hash.update(chunk)
      done(null, chunk)
    },
  })
  // The pipeline reports it; without a listener a failure before the pipeline stands would end the process.
  meter.on('error', () => {})
  return { meter, measured: () => ({ size, sha256: hash.digest('hex') }) }
}

function compare(actual: { size: number; sha256: string }, expected: IngestOptions['expected'] = {}): void {
  if (expected.size !== undefined && actual.size !== expected.size) {
    throw new SizeMismatchError(expected.size, actual.size)
  }
  for (const declared of [expected.sha256, expected.atEnd?.().sha256]) {
    const sha256 = declared?.toLowerCase()
    if (sha256 !== undefined && actual.sha256 !== sha256) throw new DigestMismatchError(sha256, actual.sha256)
  }
}

/** The body has more bytes than are allowed. */
export class TooManyBytesError extends RegistryError {
  override readonly name = 'TooManyBytesError'
  readonly maxBytes: number
  constructor(maxBytes: number) {
    super('too_large', `a file may have at most ${maxBytes} bytes`)
    this.maxBytes = maxBytes
  }
}

/** The body has another length than declared. Reading stops at the first byte too many, so `actual` may be less than all there was. */
export class SizeMismatchError extends RegistryError {
  override readonly name = 'SizeMismatchError'
  readonly expected: number
  readonly actual: number
  constructor(expected: number, actual: number) {
    const message = `${actual} bytes were received, not ${expected} as declared; nothing was kept`
    super('invalid_argument', message, { problems: [{ field: 'size', message }] })
    this.expected = expected
    this.actual = actual
  }
}

/** The body's sha256 is not the declared one. Both in lower-case hex. */
export class DigestMismatchError extends RegistryError {
  override readonly name = 'DigestMismatchError'
  readonly expected: string
  readonly actual: string
  constructor(expected: string, actual: string) {
    const message = `the bytes received have the sha256 ${actual}, not ${expected} as declared; nothing was kept`
    super('invalid_argument', message, { problems: [{ field: 'sha256', message }] })
    this.expected = expected
    this.actual = actual
  }
}

/** The body failed or was cut off before its end; `cause` says how. */
export class BodyInterruptedError extends RegistryError {
  override readonly name = 'BodyInterruptedError'
  constructor(cause: unknown) {
    super('upload_interrupted', 'the upload broke off before its end; nothing was kept', { cause })
  }
}
