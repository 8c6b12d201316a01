/** Everything that can go wrong between the client and a registry, in three kinds. No other error leaves the client but an abort. */

/** The registry has answered, and it said no. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** The HTTP status. */
  readonly status: number
  /** The registry's code, such as `NOT_FOUND`; empty when the answer wasn't a registry's. */
  readonly code: string
  readonly details: ErrorDetails | undefined
  /** Why, where the code alone doesn't tell: `damaged` when the stored bytes are no longer those that were uploaded. */
  readonly reason: string | undefined
  /** By which the registry's log and events know the request. */
  readonly requestId: string | undefined
  /** How long the registry asks to be left alone before the next attempt, in ms. */
  readonly retryAfterMs: number | undefined

  constructor({ status, code, message, details, reason, requestId, retryAfterMs }: ApiErrorFields) {
    super(message)
    this.status = status
    this.code = code
    this.details = details
    this.reason = reason
    this.requestId = requestId
    this.retryAfterMs = retryAfterMs
  }
}

/** There was no answer, or it broke off. The cause is what the network said. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  /** What the registry is called at. */
  readonly url: string

  constructor(url: string, problem: string, cause?: unknown) {
    super(problem, { cause })
    this.url = url
  }
}

/** Bytes or answers are not what they were promised to be. */
export class IntegrityError extends Error {
  override readonly name = 'IntegrityError'
}

export interface ErrorDetails {
  problems: Array<{ field: string; message: string }>
}

interface ApiErrorFields {
  status: number
  code: string
  message: string
  details?: ErrorDetails | undefined
  reason?: string | undefined
  requestId?: string | undefined
  retryAfterMs?: number | undefined
}

/** An answer that is a refusal, whichever HTTP client has received it. */
export interface Refusal {
  status: number
  /** Its text; empty where it was not JSON. */
  body: string
  headers: Headers
}

/** The one place where a refusal is read. */
export function toApiError({ status, body, headers }: Refusal): ApiError {
  const answer = parseObject(body)
  const fields = {
    status,
    requestId: headers.get('x-request-id') ?? undefined,
    retryAfterMs: parseRetryAfter(headers.get('retry-after')),
  }
  if (typeof answer?.['code'] !== 'string' || typeof answer['message'] !== 'string') {
    const message = `the answer (status ${status}) is not one of a Holotype registry; is this the right URL?`
    return new ApiError({ ...fields, code: '', message })
  }
  return new ApiError({
    ...fields,
    code: answer['code'],
    message: answer['message'],
    details: toDetails(answer['details']),
    reason: headers.get('x-holotype-error') ?? undefined,
  })
}

/** Seconds, or the date of the earliest next attempt. In ms from now. */
function parseRetryAfter(text: string | null): number | undefined {
  if (text === null) return undefined
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

/** What the network says, in words; the name of the error when there are none for it. */
export function explainNetworkError(error: unknown): string {
  const code = findErrorCode(error)
  return NETWORK_ERRORS[code ?? ''] ?? code ?? (error instanceof Error ? error.message : String(error))
}

const NETWORK_ERRORS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection broke off',
  EPIPE: 'the connection broke off',
  UND_ERR_SOCKET: 'the connection broke off',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'it took too long',
  UND_ERR_CONNECT_TIMEOUT: 'it took too long',
  UND_ERR_HEADERS_TIMEOUT: 'it took too long',
  UND_ERR_BODY_TIMEOUT: 'it took too long',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
}

/** The code of an error, or of what caused it: `fetch` wraps the network's error in one of its own. */
export function findErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  // With several addresses for one host each has failed in its way; the first is as good as any.
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause
  return findErrorCode(inner)
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function toDetails(value: unknown): ErrorDetails | undefined {
  if (typeof value !== 'object' || value === null || !('problems' in value)) return undefined
  if (!Array.isArray(value.problems)) return undefined
  const problems = value.problems.map(problem => ({
    field: String(problem?.field ?? ''),
    message: String(problem?.message ?? ''),
  }))
  return { problems }
}
