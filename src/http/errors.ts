/** Where every error becomes an answer: the door of the path words it, and what all doors have in common is added here. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, quote, RegistryError } from '../domain/errors.ts'
import type { Door, ErrorAnswer } from './door.ts'
import { removeFileHeaders } from './file-headers.ts'
import { HttpError } from './http-error.ts'
import { JSON_BODY_MAX_BYTES } from './json-body.ts'

/** Answers with whatever was thrown. Without a door, the answer is plain JSON with a message. */
export function sendError(
  door: Door | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  thrown: unknown,
): FastifyReply {
  const error = toPublicError(thrown)
  const answer = renderError(door, error, request)
  // Logged once, where it is handled.
  if (answer.status >= 500) request.log.error({ err: thrown, req: request }, 'request failed')
  else request.log.debug(describeRefusal(request, answer.status, error), 'request refused')
  if (hasMuchUnread(request)) reply.header('connection', 'close')
  removeFileHeaders(reply)
  return reply
    .code(answer.status)
    .headers({ 'x-request-id': request.id, ...answer.headers })
    .type('application/json; charset=utf-8')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(answer.body)
}

/** The answer to an error with the headers that every door adds. `request` is undefined where there is none. */
export function renderError(
  door: Door | undefined,
  error: RegistryError | HttpError,
  request: FastifyRequest | undefined,
): ErrorAnswer {
  const { status, headers, body } = door ? door.renderError(error, request) : renderNeutrally(error)
  return {
    status,
    headers: {
      ...retryAfter(status),
      // The words of a protocol can be too few to tell damaged bytes from any other failure.
      ...(error instanceof RegistryError ? { 'x-holotype-error': error.code } : error.headers),
      ...headers,
    },
    body,
  }
}

/** For paths that no route has. */
export function nothingHere(request: FastifyRequest, basePath: string): HttpError {
  const path = `${basePath}${request.url.split('?', 1)[0]}`
  return new HttpError(
    404,
    `there is nothing at ${request.method} ${quote(path)}; ${basePath}/docs shows what there is`,
  )
}

/** When to try again, in seconds, for the answers that a later attempt may not get. */
export function retryAfter(status: number): Record<string, string> {
  return status === 408 || status === 429 || status === 503 ? { 'retry-after': '1' } : {}
}

/** Without the message: it can repeat what the caller sent. */
function describeRefusal(request: FastifyRequest, status: number, error: RegistryError | HttpError): object {
  if (error instanceof HttpError) return { requestId: request.id, status }
  return { requestId: request.id, status, code: error.code, fields: error.problems.map(({ field }) => field) }
}

/** What a caller may know of an error. What we didn't expect stays in the log. */
function toPublicError(thrown: unknown): RegistryError | HttpError {
  if (thrown instanceof RegistryError || thrown instanceof HttpError) return thrown
  const status = statusOf(thrown)
  if (status >= 400 && status < 500) return new HttpError(status, explainFrameworkError(thrown), { cause: thrown })
  return new HttpError(500, 'something went wrong on the server; its log has the details', { cause: thrown })
}

/** What a caller may meet outside the doors, where nothing but the metrics needs a key. */
const NEUTRAL: Partial<Record<ErrorCode, number>> = { unauthenticated: 401, permission_denied: 403, unavailable: 503 }

function renderNeutrally(error: RegistryError | HttpError): ErrorAnswer {
  if (error instanceof RegistryError) {
    const status = NEUTRAL[error.code]
    if (status === undefined) return { status: 500, body: { message: 'something went wrong on the server' } }
    const headers = status === 401 ? { 'www-authenticate': 'Bearer' } : {}
    return { status, headers, body: { message: error.message } }
  }
  return { status: error.statusCode, body: { message: error.message } }
}

function statusOf(error: unknown): number {
  if (!(error instanceof Error) || !('statusCode' in error)) return 500
  return typeof error.statusCode === 'number' ? error.statusCode : 500
}

function explainFrameworkError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return 'the body must be JSON: send the header "Content-Type: application/json"'
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return `a JSON body may have at most ${JSON_BODY_MAX_BYTES / 1024 ** 2} MiB`
  if (code === 'FST_ERR_BAD_URL') return 'the path is not a well-formed URL path (check the percent-encoding)'
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') return 'a part of the path is too long'
  return error instanceof Error ? error.message : 'the request could not be understood'
}

/** Whether so much of the body is still to come that ending the connection is cheaper than reading it. */
function hasMuchUnread({ raw, headers }: FastifyRequest): boolean {
  if (raw.complete) return false
  // The sender waits to be asked for the body, which may then never come.
  if (headers.expect !== undefined) return true
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 64 * 1024
}
