/** File bytes go through Node's own HTTP client: unlike `fetch` it sends a length with a stream, and moves large files fast. */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { authorize, type Connection } from './client.ts'
import { ConnectionError, explainNetworkError, toApiError } from './errors.ts'

/** No byte in either direction for this long, in ms, and the connection counts as broken. */
const IDLE_MS = 60_000
/** An answer of ours is far below this; whatever is longer is not worth reading. In bytes. */
const ANSWER_MAX = 1024 * 1024

export interface FileAddress {
  modelId: string
  /** A version number, an alias, or `latest`. */
  version: string
  /** A path without `.` or `..` in it: callers check it first. */
  path: string
}

export interface FileRequest extends FileAddress {
  method: 'GET' | 'PUT'
  headers?: Record<string, string | number>
  signal?: AbortSignal | undefined
}

/** Opens a request for the bytes of one file. The caller ends it. */
export function openFileRequest({ url, key }: Connection, request: FileRequest): ClientRequest {
  const path = request.path.split('/').map(encodeURIComponent).join('/')
  const version = encodeURIComponent(request.version)
  const target = new URL(`${url}/v1/models/${encodeURIComponent(request.modelId)}/versions/${version}/files/${path}`)
  const open = target.protocol === 'https:' ? httpsRequest : httpRequest
  const opened = open(target, {
    method: request.method,
    headers: { ...(key !== undefined && authorize(key)), ...request.headers },
    ...(request.signal && { signal: request.signal }),
  })
  opened.setTimeout(IDLE_MS, () => opened.destroy(Object.assign(new Error('idle'), { code: 'ETIMEDOUT' })))
  return opened
}

/** The head of the answer. Rejects with a `ConnectionError`, or with what aborted the request. */
export function receiveHead(
  request: ClientRequest,
  { url }: Connection,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve)
    // Stays for the request's whole life: an error that nobody listens to would end the process.
    request.on('error', error => reject(signal?.aborted ? signal.reason : toConnectionError(url, error)))
  })
}

/** The text of an answer that is known to be short. Rejects with a `ConnectionError` when it breaks off. */
export async function readText(response: IncomingMessage, { url }: Connection): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > ANSWER_MAX) break
      chunks.push(chunk)
    }
  } catch (error) {
    throw toConnectionError(url, error)
  }
  return Buffer.concat(chunks).toString()
}

/** Reads a refusal to its end and makes an error of it. */
export async function toRefusal(response: IncomingMessage, connection: Connection): Promise<Error> {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(response.headersDistinct)) {
    for (const value of values) headers.append(name, value)
  }
  return toApiError({ status: response.statusCode ?? 0, body: await readText(response, connection), headers })
}

export function toConnectionError(url: string, error: unknown): ConnectionError {
  return error instanceof ConnectionError ? error : new ConnectionError(url, explainNetworkError(error), error)
}
