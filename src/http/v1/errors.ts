/** The error envelope of v1: `{code, message}`, and `details` where single fields are to blame. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, quote, RegistryError } from '../../domain/errors.ts'
import { translateBlobError } from '../../registry/blobs/blob-errors.ts'

/**
 * The codes that the official Paperspace client (1.x) knows; it crashes on any other. It has none for 415, 416, 503 and 507, so those
 * keep their status and take the nearest code.
 */
export type V1Code =
  | 'BAD_REQUEST'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'METHOD_NOT_SUPPORTED'
  | 'TIMEOUT'
  | 'CONFLICT'
  | 'PRECONDITION_FAILED'
  | 'PAYLOAD_TOO_LARGE'
  | 'INTERNAL_SERVER_ERROR'

const ERRORS: Record<ErrorCode, { status: number; code: V1Code }> = {
  invalid_argument: { status: 400, code: 'BAD_REQUEST' },
  unauthenticated: { status: 401, code: 'UNAUTHORIZED' },
  permission_denied: { status: 403, code: 'FORBIDDEN' },
  not_found: { status: 404, code: 'NOT_FOUND' },
  conflict: { status: 409, code: 'CONFLICT' },
  precondition_failed: { status: 412, code: 'PRECONDITION_FAILED' },
  too_large: { status: 413, code: 'PAYLOAD_TOO_LARGE' },
  upload_interrupted: { status: 400, code: 'BAD_REQUEST' },
  storage_full: { status: 507, code: 'INTERNAL_SERVER_ERROR' },
  damaged: { status: 500, code: 'INTERNAL_SERVER_ERROR' },
  unavailable: { status: 503, code: 'INTERNAL_SERVER_ERROR' },
}

const STATUS_CODES: Record<number, V1Code> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_SUPPORTED',
  408: 'TIMEOUT',
  409: 'CONFLICT',
  412: 'PRECONDITION_FAILED',
  413: 'PAYLOAD_TOO_LARGE',
}

export interface ErrorBody {
  code: V1Code
  message: string
  details?: { problems: Array<{ field: string; message: string }> }
}

export interface ErrorAnswer {
  status: number
  body: ErrorBody
}

/** The one funnel: whatever was thrown, this is what the caller sees. What we didn't expect stays bare. */
function toErrorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof RegistryError) {
    const { status, code } = ERRORS[error.code]
    const body: ErrorBody = { code, message: error.message }
    if (error.problems.length > 0) body.details = { problems: error.problems }
    return { status, body }
  }
  const status = statusOf(error)
  if (status >= 400 && status < 500) return errorAnswer(status, explainFrameworkError(error))
  return errorAnswer(500, 'something went wrong on the server; its log has the details')
}

/** An answer made by status alone, for what the framework refuses before any operation runs. */
export function errorAnswer(status: number, message: string): ErrorAnswer {
  return {
    status,
    body: { code: STATUS_CODES[status] ?? (status < 500 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR'), message },
  }
}

export function sendError(request: FastifyRequest, reply: FastifyReply, thrown: unknown): FastifyReply {
  // A stream fails in the words of the store that it reads from.
  const error = translateBlobError(thrown)
  const { status, body } = toErrorAnswer(error)
  // The codes in the body are too few to tell damaged bytes from any other failure, and the official client takes no further key there.
  if (error instanceof RegistryError) reply.header('x-holotype-error', error.code)
  // Logged once, where it is handled.
  if (status >= 500) request.log.error({ err: error, req: request }, 'request failed')
  return sendErrorAnswer(request, reply, { status, body })
}

/** For every path that no route has. */
export function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?', 1)[0] ?? ''
  const message = `there is nothing at ${request.method} ${quote(path)}; /docs shows what there is`
  return sendErrorAnswer(request, reply, errorAnswer(404, message))
}

export function sendErrorAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, body }: ErrorAnswer,
): FastifyReply {
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  if (hasMuchUnread(request)) reply.header('connection', 'close')
  for (const name of FILE_HEADERS) reply.removeHeader(name)
  // The official Paperspace client (1.x) takes exactly `code` and `message`, and crashes on `details` although the contract has it.
  const isPaperspaceClient = request.headers['x-client'] === 'paperspace-cli'
  const { details, ...plain } = body
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .serializer((value: unknown) => JSON.stringify(value))
    .send(isPaperspaceClient || !details ? plain : { ...plain, details })
}

/** A download that turns out to be damaged before its first byte is an error after all: what described the file is not about that. */
const FILE_HEADERS = ['accept-ranges', 'cache-control', 'content-disposition', 'etag', 'last-modified', 'repr-digest']

/** A large upload that was refused is not read to its end only to be thrown away. */
function hasMuchUnread({ raw, headers }: FastifyRequest): boolean {
  if (raw.complete) return false
  // It may never come: the sender waits to be asked for it.
  if (headers.expect !== undefined) return true
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 64 * 1024
}

function statusOf(error: unknown): number {
  if (!(error instanceof Error) || !('statusCode' in error)) return 500
  return typeof error.statusCode === 'number' ? error.statusCode : 500
}

function explainFrameworkError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return 'the body must be JSON: send the header "Content-Type: application/json"'
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'a JSON body may have at most 1 MiB'
  if (code === 'FST_ERR_BAD_URL') return 'the path is not a well-formed URL path (check the percent-encoding)'
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') return 'a part of the path is too long'
  return error instanceof Error ? error.message : 'the request could not be understood'
}
