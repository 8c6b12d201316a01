import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { Connection } from './connection.ts'
import { decodeStream, isEncoded } from './content-encoding.ts'
import { IntegrityError, toApiError } from './errors.ts'
import { type FileAddress, fileUrl, openRequest, receiveHead, toHeaders, toRefusal } from './transport.ts'

export interface DownloadRequest extends FileAddress {
  /** From which byte on. */
  offset?: number
  /** What the registry has said of the file, where it is known already: in bytes, and in lower-case hex. */
  size?: number
  sha256?: string
  signal?: AbortSignal | undefined
}

export interface OpenDownload {
  /** Where `body` begins: at the offset that was asked for, or at 0 when the registry now has another file there. */
  offset: number
  body: Readable
  /** What the registry says the whole file has. */
  sha256: string | undefined
}

/**
 * Opens the bytes of a file. Throws an `IntegrityError` when the answer announces another length than the file has. It need not announce any,
 * as proxies may take that off: who reads the body counts and hashes it.
 */
export async function openDownload(
  connection: Connection,
  { offset = 0, ...download }: DownloadRequest,
): Promise<OpenDownload> {
  const isRest = offset > 0 && download.sha256 !== undefined
  const target = fileUrl(connection, download)
  const request = openRequest(connection, target, {
    method: 'GET',
    headers: isRest ? { range: `bytes=${offset}-`, 'if-range': `"${download.sha256}"` } : {},
    signal: download.signal,
  })
  request.end()
  const response = await receiveHead(request, connection, download.signal)
  const status = response.statusCode ?? 0
  if (status !== 200 && status !== 206) throw await toRefusal(response, connection, target)
  const encoding = response.headers['content-encoding']
  if (status === 206 && isEncoded(encoding)) {
    // A part of something encoded can't be decoded.
    request.destroy()
    return await openDownload(connection, download)
  }
  const sha256 = readSha256(response)
  if (sha256 === undefined && !isOfNeutralType(response)) {
    request.destroy()
    throw toApiError({ status, body: '', headers: toHeaders(response), target })
  }
  const start = findStart(response, { offset, size: download.size })
  if (start !== undefined) return { offset: start, body: decodeStream(response, encoding), sha256 }
  request.destroy()
  throw new IntegrityError(`"${download.path}" was listed with ${download.size} bytes, but something else was sent`)
}

/** Where the body begins; undefined when what it announces does not fit the file. */
function findStart({ statusCode, headers }: IncomingMessage, file: { offset: number; size: number | undefined }) {
  const range = statusCode === 206 ? /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') : undefined
  if (range === null) return undefined
  const start = Number(range?.[1] ?? 0)
  const total = range && range[2] !== '*' ? Number(range[2]) : undefined
  const length = isEncoded(headers['content-encoding']) ? undefined : headers['content-length']
  const end = length === undefined ? undefined : start + Number(length)
  const sizes = [file.size, total, end].filter(size => size !== undefined)
  const isFitting = (start === 0 || start === file.offset) && new Set(sizes).size <= 1
  return isFitting ? start : undefined
}

/** From whichever header has come through. */
function readSha256({ headers }: IncomingMessage): string | undefined {
  const { etag = '', 'x-sha256': own } = headers
  return /^(?:W\/)?"([0-9a-f]{64})"$/.exec(etag)?.[1] ?? /^[0-9a-f]{64}$/.exec(String(own))?.[0]
}

/** The registry sends every file as bytes of no type; a login page is HTML. */
function isOfNeutralType({ headers }: IncomingMessage): boolean {
  return /^application\/octet-stream\b/i.test(headers['content-type'] ?? 'application/octet-stream')
}
