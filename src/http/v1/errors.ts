/** The error envelope of v1: `{code, message}`, and `details` where single fields are to blame. */
import type { FastifyRequest } from 'fastify'
import { type ErrorCode, type FieldProblem, RegistryError } from '../../domain/errors.ts'
import type { ErrorAnswer } from '../door.ts'
import type { HttpError } from '../http-error.ts'

/**
 * The codes that the official Paperspace client (1.x) knows; it crashes on any other. It has none for 415, 416, 503 and 507, so those
 * keep their status and have the nearest code.
 */
type V1Code =
  | 'BAD_REQUEST'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'METHOD_NOT_SUPPORTED'
  | 'TIMEOUT'
  | 'CONFLICT'
  | 'PRECONDITION_FAILED'
  | 'PAYLOAD_TOO_LARGE'
  | 'TOO_MANY_REQUESTS'
  | 'INTERNAL_SERVER_ERROR'

const ERRORS: Record<ErrorCode, { status: number; code: V1Code }> = {
  invalid_argument: { status: 400, code: 'BAD_REQUEST' },
  unauthenticated: { status: 401, code: 'UNAUTHORIZED' },
  permission_denied: { status: 403, code: 'FORBIDDEN' },
  not_found: { status: 404, code: 'NOT_FOUND' },
  already_exists: { status: 409, code: 'CONFLICT' },
  conflict: { status: 409, code: 'CONFLICT' },
  precondition_failed: { status: 412, code: 'PRECONDITION_FAILED' },
  too_large: { status: 413, code: 'PAYLOAD_TOO_LARGE' },
  upload_interrupted: { status: 400, code: 'BAD_REQUEST' },
  storage_full: { status: 507, code: 'INTERNAL_SERVER_ERROR' },
  damaged: { status: 500, code: 'INTERNAL_SERVER_ERROR' },
  unavailable: { status: 503, code: 'INTERNAL_SERVER_ERROR' },
}

/** For what HTTP itself refuses. */
const CODES: Record<number, V1Code> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_SUPPORTED',
  408: 'TIMEOUT',
  409: 'CONFLICT',
  412: 'PRECONDITION_FAILED',
  413: 'PAYLOAD_TOO_LARGE',
  429: 'TOO_MANY_REQUESTS',
}

/** What v1 calls the registry's fields, where it has another word. */
const FIELDS: Record<string, string> = { expiresAt: 'dtExpires', ref: 'version' }

interface ErrorBody {
  code: V1Code
  message: string
  details?: { problems: FieldProblem[] }
}

export function renderError(error: RegistryError | HttpError, request: FastifyRequest | undefined): ErrorAnswer {
  const { status, body } = error instanceof RegistryError ? renderRegistryError(error) : renderHttpError(error)
  const headers = status === 401 ? { 'www-authenticate': 'Bearer' } : {}
  // The official Paperspace client (1.x) takes exactly `code` and `message`, and crashes on `details` although the contract has it.
  if (request?.headers['x-client'] === 'paperspace-cli') delete body.details
  return { status, headers, body }
}

function renderRegistryError(error: RegistryError): { status: number; body: ErrorBody } {
  const { status, code } = ERRORS[error.code]
  const { message, problems } = useOurFieldNames(error)
  return { status, body: { code, message, ...(problems.length > 0 && { details: { problems } }) } }
}

function renderHttpError({ statusCode: status, message }: HttpError): { status: number; body: ErrorBody } {
  const code = CODES[status] ?? (status < 500 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR')
  return { status, body: { code, message } }
}

/** A sentence about a field begins with its name. */
function useOurFieldNames({ message, problems }: RegistryError): { message: string; problems: FieldProblem[] } {
  return {
    message: problems.reduce(
      (text, { field, message }) => text.replace(`${field} ${message}`, `${toOurName(field)} ${message}`),
      message,
    ),
    problems: problems.map(({ field, message }) => ({ field: toOurName(field), message })),
  }
}

function toOurName(field: string): string {
  return FIELDS[field] ?? field
}
