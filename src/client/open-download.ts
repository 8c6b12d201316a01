import type { IncomingMessage } from 'node:http'
import type { Connection } from './client.ts'
import { IntegrityError } from './errors.ts'
import { type FileAddress, openFileRequest, receiveHead, toRefusal } from './transport.ts'

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
  body: IncomingMessage
  /** What the registry says the whole file has. */
  sha256: string | undefined
}

/** Opens the bytes of a file. Throws an `IntegrityError` when the answer announces another length than the file has. */
export async function openDownload(
  connection: Connection,
  { offset = 0, ...download }: DownloadRequest,
): Promise<OpenDownload> {
  const isRest = offset > 0 && download.sha256 !== undefined
  const request = openFileRequest(connection, {
    ...download,
    method: 'GET',
    headers: isRest ? { range: `bytes=${offset}-`, 'if-range': `"${download.sha256}"` } : {},
  })
  request.end()
  const body = await receiveHead(request, connection, download.signal)
  if (body.statusCode !== 200 && body.statusCode !== 206) throw await toRefusal(body, connection)
  const start = body.statusCode === 206 ? readStart(body) : 0
  const size = start + Number(body.headers['content-length'])
  const isFitting = (start === 0 || start === offset) && (download.size ?? size) === size
  if (isFitting) return { offset: start, body, sha256: /^"([0-9a-f]{64})"$/.exec(body.headers.etag ?? '')?.[1] }
  request.destroy()
  throw new IntegrityError(`"${download.path}" was listed with ${download.size} bytes, but something else was sent`)
}

function readStart(response: IncomingMessage): number {
  const start = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1]
  return start === undefined ? Number.NaN : Number(start)
}
