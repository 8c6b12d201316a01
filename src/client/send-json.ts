/** One request of the API and its JSON answer, checked against the contract. */
import { readAnswer } from './answer-shape.ts'
import type { Connection } from './connection.ts'
import { findAnswerSchema } from './contract.ts'
import { ApiError, ConnectionError, toApiError } from './errors.ts'
import { openRequest, readText, receiveHead, toHeaders } from './transport.ts'

export interface JsonRequest {
  method: string
  target: URL
  /** The path with its parameters unfilled, as the contract has it: `/v1/models/{id}`. */
  template: string
  headers: Record<string, string>
  body: string
  signal: AbortSignal
}

/** In ms, from the first byte of a request to the last of its answer, however busily bytes trickle in. */
const TOTAL_MS = 10 * 60_000

/** Resolves when the whole answer is there: one that breaks off in its body is as good as none. Throws an `ApiError` or a `ConnectionError`. */
export async function sendJson(connection: Connection, request: JsonRequest): Promise<unknown> {
  const deadline = AbortSignal.timeout(TOTAL_MS)
  const signal = AbortSignal.any([request.signal, deadline])
  try {
    return await exchange(connection, { ...request, signal })
  } catch (error) {
    if (request.signal.aborted) throw request.signal.reason
    throw deadline.aborted ? new ConnectionError(connection.url, 'it took too long') : error
  }
}

async function exchange(connection: Connection, request: JsonRequest): Promise<unknown> {
  const { method, target, headers, body, signal } = request
  const opened = openRequest(connection, target, {
    method,
    headers: { ...headers, ...(hasBody(request) && { 'content-length': Buffer.byteLength(body) }) },
    signal,
  })
  opened.end(body)
  const response = await receiveHead(opened, connection, signal)
  const status = response.statusCode ?? 0
  const text = await readText(response, connection)
  const answer = { status, body: text, headers: toHeaders(response), target }
  if (status < 200 || status > 299 || !isJson(response.headers['content-type'])) throw toApiError(answer)
  return await readJson(text, request, status)
}

/** A proxy may ask for the length even of nothing. */
function hasBody({ method, body }: JsonRequest): boolean {
  return body !== '' || method === 'POST' || method === 'PUT'
}

function isJson(type = ''): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(type)
}

/** Parses and checks the answer of a successful request. Throws an `ApiError`. */
export async function readJson(
  text: string,
  { method, template }: { method: string; template: string },
  status: number,
): Promise<unknown> {
  const answer = readAnswer(parse(text, status), await findAnswerSchema(method, template))
  if ('value' in answer) return answer.value
  const message = `the answer (status ${status}) is not one of a Holotype registry: ${answer.problem}`
  throw new ApiError({ status, code: '', message, advice: 'Is this the right URL? Does its version fit this one?' })
}

/** Small values take many times their text in memory. */
const VALUES_MAX = 1_000_000

/** The separators of values, counted generously: those inside of texts too. */
function hasTooManyValues(text: string): boolean {
  if (text.length <= VALUES_MAX) return false
  let count = 0
  for (let index = 0; index < text.length && count <= VALUES_MAX; index += 1) {
    if (SEPARATORS.has(text.charCodeAt(index))) count += 1
  }
  return count > VALUES_MAX
}

const SEPARATORS = new Set([...',[{'].map(character => character.charCodeAt(0)))

function parse(text: string, status: number): unknown {
  if (hasTooManyValues(text)) {
    const message = 'the answer has more values than any answer of a Holotype registry'
    throw new ApiError({ status, code: '', message })
  }
  try {
    return JSON.parse(text)
  } catch {
    throw toApiError({ status, body: '', headers: new Headers() })
  }
}
