/** What a sender declares about the bytes of a body, in any of the usual headers. */
import type { IncomingHttpHeaders } from 'node:http'
import type { DeclaredBytes } from '../domain/declared-bytes.ts'
import { invalidArgument, RegistryError } from '../domain/errors.ts'
import { HttpError } from './http-error.ts'

type Fields = Record<string, unknown>

/**
 * The declared length and sha256 of an upload: `Content-Length`, and a digest as `readDigest` finds it, in the headers or after the last byte in
 * the trailer. Throws as `requireIdentity` and `readDigest` do, and `invalid_argument` for what would not be the bytes of the whole file.
 */
export function readExpectations(request: { headers: IncomingHttpHeaders; trailers: Fields }): DeclaredBytes {
  const { headers } = request
  requireIdentity(headers)
  if ((headers['transfer-encoding']?.toLowerCase() ?? 'chunked') !== 'chunked') {
    throw new RegistryError('invalid_argument', 'the only supported Transfer-Encoding is chunked')
  }
  if (headers['content-range'] !== undefined) {
    throw new RegistryError('invalid_argument', 'Content-Range is not supported: send the whole file')
  }
  const length = headers['content-length']
  return {
    ...(length !== undefined && { size: Number(length) }),
    ...readDigest(headers),
    atEnd: () => readDigest(request.trailers),
  }
}

/** Throws HttpError 415 for a body that is not sent as it is. */
export function requireIdentity({ 'content-encoding': coding }: IncomingHttpHeaders): void {
  if (coding === undefined || coding.trim().toLowerCase() === 'identity') return
  throw new HttpError(415, 'Content-Encoding is not supported: send the bytes as they are', {
    headers: { 'accept-encoding': 'identity' },
  })
}

/**
 * The sha256 that `Repr-Digest` or `Content-Digest` (RFC 9530) or `x-sha256` (hex) declare, in hex. Throws `invalid_argument` when one can't be read
 * or two of them differ: a check that was asked for must not be skipped.
 */
export function readDigest(fields: Fields = {}): { sha256?: string } {
  const declared = DIGEST_FIELDS.flatMap(name => {
    const value = fields[name]
    return value === undefined ? [] : readDigests(name, String(value))
  })
  const [sha256] = declared
  if (declared.some(digest => digest !== sha256))
    throw invalidArgument('sha256', 'is declared twice with different values')
  return sha256 === undefined ? {} : { sha256 }
}

const DIGEST_FIELDS = ['repr-digest', 'content-digest', 'x-sha256']

/** Digests by other algorithms are ignored, as RFC 9530 asks. A header sent twice arrives as one list: every value in it is checked. */
function readDigests(name: string, value: string): string[] {
  if (name === 'x-sha256') {
    if (!/^[0-9a-f]{64}$/i.test(value)) throw invalidArgument('x-sha256', 'must be a sha256 in 64 hex digits')
    return [value.toLowerCase()]
  }
  const members = value.split(',').map(member => member.trim())
  return members.filter(member => /^sha-256(?![a-z0-9_.*-])/i.test(member)).map(member => readMember(name, member))
}

function readMember(name: string, member: string): string {
  const base64 = /^sha-256=:([A-Za-z0-9+/]{43}=):$/i.exec(member)?.[1]
  if (!base64) throw invalidArgument(name, 'must read sha-256=:<base64 of 32 bytes>:')
  return Buffer.from(base64, 'base64').toString('hex')
}

/** A strong tag: the same tag means the same bytes. */
export function etagOf({ sha256 }: { sha256: string }): string {
  return `"${sha256}"`
}

export function formatReprDigest(sha256: string): string {
  return `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`
}

/** The media type of a `Content-Type` header, without parameters. Informational only: files are always served as neutral bytes. */
export function parseMediaType(header: string | undefined): string {
  const type = header?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return /^[a-z0-9!#$&^_.+-]{1,60}\/[a-z0-9!#$&^_.+-]{1,60}$/.test(type) ? type : 'application/octet-stream'
}
