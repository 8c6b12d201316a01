/**
 * Requests by Node's own HTTP client. Unlike `fetch` it follows no redirect, decodes nothing by itself, and sends a length with a stream. Nothing
 * that comes back is taken without a bound: not the head, not what precedes it, not the body.
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { agentFor } from './agents.ts'
import { authorize, type Connection } from './connection.ts'
import { decodeText } from './content-encoding.ts'
import { ApiError, ConnectionError, findErrorCode, toApiError } from './errors.ts'
import { explainNetworkError } from './network-errors.ts'

/** No byte in either direction for this long, in ms, and the connection counts as broken. */
const IDLE_MS = 60_000
/** In bytes. A page of a thousand items of a registry is far below it. */
const ANSWER_MAX = 16 * 1024 * 1024
/** Provisional answers (1xx) that may precede the real one. */
const PROVISIONAL_MAX = 100

export interface FileAddress {
  modelId: string
  /** A version number, an alias, or `latest`. */
  version: string
  /** A path without `.` or `..` in it: callers check it first. */
  path: string
}

export interface OpenRequest {
  method: string
  headers?: Record<string, string | number>
  signal?: AbortSignal | undefined
}

/** Where the bytes of one file are. */
export function fileUrl({ url }: Connection, { modelId, version, path }: FileAddress): URL {
  const [model, number, ...segments] = [modelId, version, ...path.split('/')].map(encodeURIComponent)
  return new URL(`${url}/v1/models/${model}/versions/${number}/files/${segments.join('/')}`)
}

/** Opens a request, which the caller ends. */
export function openRequest(connection: Connection, target: URL, request: OpenRequest): ClientRequest {
  const open = target.protocol === 'https:' ? httpsRequest : httpRequest
  const opened = open(target, {
    agent: agentFor(target.protocol, connection.proxies),
    method: request.method,
    // What comes is counted and hashed as it is.
    headers: { 'accept-encoding': 'identity', ...authorize(connection), ...request.headers },
    timeout: IDLE_MS,
    ...(request.signal && { signal: request.signal }),
  })
  opened.on('timeout', () => opened.destroy(Object.assign(new Error('idle'), { code: 'ETIMEDOUT' })))
  let provisional = 0
  opened.on('information', () => {
    provisional += 1
    if (provisional > PROVISIONAL_MAX) opened.destroy(Object.assign(new Error('1xx'), { code: 'TOO_MANY_PROVISIONAL' }))
  })
  return opened
}

/** The head of the answer. Rejects with a `ConnectionError`, or with what aborted the request. */
export function receiveHead(
  request: ClientRequest,
  connection: Connection,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve)
    // Stays for the request's whole life: an error that nobody listens to would end the process.
    request.on('error', error => reject(signal?.aborted ? signal.reason : toRequestError(connection, error)))
  })
}

/** The text of an answer. Rejects with a `ConnectionError` when it breaks off, and with an `ApiError` when it is longer than any answer is. */
export async function readText(response: IncomingMessage, connection: Connection): Promise<string> {
  const chunks: Buffer[] = []
  let size = Number(response.headers['content-length'] ?? 0)
  if (size > ANSWER_MAX) throw refuseLong(response)
  size = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > ANSWER_MAX) throw refuseLong(response)
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof ApiError ? error : toRequestError(connection, error)
  }
  const bytes = Buffer.concat(chunks)
  const text = await decodeText(bytes, response.headers['content-encoding'], ANSWER_MAX)
  if (text === undefined) throw refuseLong(response)
  return text
}

function refuseLong(response: IncomingMessage): ApiError {
  response.destroy()
  const message = `the answer is longer than ${ANSWER_MAX / 1024 / 1024} MiB, which no answer of a Holotype registry is`
  return new ApiError({ status: response.statusCode ?? 0, code: '', message })
}

/** Reads a refusal to its end and makes an error of it. */
export async function toRefusal(response: IncomingMessage, connection: Connection, target: URL): Promise<Error> {
  const status = response.statusCode ?? 0
  return toApiError({ status, body: await readText(response, connection), headers: toHeaders(response), target })
}

export function toHeaders(response: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(response.headersDistinct)) {
    for (const value of values) headers.append(name, value)
  }
  return headers
}

/** What a request ended with, as an error of ours. */
export function toRequestError(connection: Connection, error: unknown): Error {
  if (error instanceof ConnectionError || error instanceof ApiError) return error
  // A proxy that opens no tunnel has answered, though not for the registry.
  if (findErrorCode(error) === 'ERR_PROXY_TUNNEL' && error instanceof Error) {
    const status = 'statusCode' in error ? Number(error.statusCode) : 0
    return toApiError({ status, body: '', headers: new Headers() })
  }
  return new ConnectionError(connection.url, explainNetworkError(error, findProxy(connection, error)), error)
}

/** The proxy that did not answer, as `host:port`, where it is one. */
function findProxy({ url, proxies = {} }: Connection, error: unknown): string | undefined {
  const port = error instanceof Error && 'port' in error ? String(error.port) : undefined
  const target = new URL(url)
  const proxy = target.protocol === 'https:' ? proxies.HTTPS_PROXY : proxies.HTTP_PROXY
  if (port === undefined || proxy === undefined || target.port === port) return undefined
  return new URL(proxy).host
}
