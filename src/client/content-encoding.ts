/** We ask for bytes as they are. What something in between encodes all the same is decoded, up to a bound. */
import type { Readable, Transform } from 'node:stream'
import { promisify } from 'node:util'
import { brotliDecompress, createBrotliDecompress, createGunzip, createInflate, gunzip, inflate } from 'node:zlib'
import { ApiError } from './errors.ts'

const TEXT_DECODERS = { gzip: promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) }
const STREAM_DECODERS: Record<Encoding, () => Transform> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

type Encoding = keyof typeof TEXT_DECODERS

/** Throws an `ApiError` for an encoding that we don't know. */
export function isEncoded(header: string | undefined): boolean {
  return findEncoding(header) !== undefined
}

/** Undefined when the text has more than `max` bytes. Throws an `ApiError` for an encoding that nobody asked for and we don't know. */
export async function decodeText(bytes: Buffer, header: string | undefined, max: number): Promise<string | undefined> {
  const encoding = findEncoding(header)
  if (!encoding || bytes.length === 0) return bytes.toString()
  try {
    return (await TEXT_DECODERS[encoding](bytes, { maxOutputLength: max })).toString()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw refuse(header)
  }
}

/** The decoded bytes; the body itself where it isn't encoded. Whoever reads them counts them. Throws as `decodeText`. */
export function decodeStream(body: Readable, header: string | undefined): Readable {
  const encoding = findEncoding(header)
  if (!encoding) return body
  const decoder = STREAM_DECODERS[encoding]()
  // Whoever reads it meets the error, maybe later; one that nobody listens to would end the process.
  decoder.on('error', () => {})
  body.once('error', error => decoder.destroy(error))
  body.once('aborted', () => decoder.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' })))
  decoder.once('close', () => body.destroy())
  return body.pipe(decoder)
}

function findEncoding(header: string | undefined): Encoding | undefined {
  const name = (header ?? '').trim().toLowerCase().replace(/^x-/, '')
  if (name === 'identity' || name === '') return undefined
  if (name === 'gzip' || name === 'deflate' || name === 'br') return name
  throw refuse(header)
}

function refuse(header: string | undefined): ApiError {
  const message = `something between here and the registry sends its answers encoded ("${header}"), which can't be read`
  return new ApiError({ status: 200, code: '', message })
}
