/** Reads an object, whole or a span of it, and never takes the store's word for how much that is. */
import { Readable } from 'node:stream'
import { type BlobReading, type ByteRange, StoreUnavailableError } from '../blob-store.ts'
import type { S3Connection } from './s3-connection.ts'
import { findObject, openObject, requireLength } from './s3-requests.ts'
import { storedBody } from './stored-body.ts'

/**
 * Undefined when the store has proven that there is no such object. An object that ends before the span does is no failure yet: its size
 * tells the caller, and the stream fails at its end.
 */
export async function readObject(
  connection: S3Connection,
  key: string,
  range?: ByteRange,
): Promise<BlobReading | undefined> {
  const found = await openObject(connection, key, range && `bytes=${range.start}-${range.end}`)
  if (found === 'absent') return undefined
  if (found === 'beyond') return await readBeyond(connection, key, range)
  const body = found.Body as Readable
  try {
    const sent = requireLength(found.ContentLength)
    const size = range ? requireSpan(found.ContentRange, sent, range) : sent
    const length = range ? range.end - range.start + 1 : sent
    return { size, stream: storedBody(body, { length, idleMs: connection.timeouts.idleMs }) }
  } catch (error) {
    body.destroy()
    throw error
  }
}

/** The object ends before the span begins. */
async function readBeyond(
  connection: S3Connection,
  key: string,
  range: ByteRange | undefined,
): Promise<BlobReading | undefined> {
  const found = await findObject(connection, key)
  if (!found) return undefined
  const error = new StoreUnavailableError(
    new Error(`the store has ${found.size} bytes of ${key} and refuses the bytes ${range?.start}-${range?.end}`),
  )
  if (range && found.size > range.start) throw error
  const stream = new Readable({ read: () => void stream.destroy(error) })
  return { size: found.size, stream }
}

/** @returns the size of the whole. Throws when the store has sent anything else than the span, or what there is of it. */
function requireSpan(contentRange: string | undefined, sent: number, { start, end }: ByteRange): number {
  const [, first, last, whole] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange ?? '') ?? []
  const size = Number(whole)
  const expectedLast = Math.min(end, size - 1)
  if (Number(first) === start && Number(last) === expectedLast && sent === expectedLast - start + 1) return size
  const answer = contentRange ?? `${sent} bytes from the beginning`
  throw new StoreUnavailableError(new Error(`the store was asked for the bytes ${start}-${end} and has sent ${answer}`))
}
