/** Everything that can go wrong between the client and a registry, in three kinds. No other error leaves the client but an abort. */
import { explainForeignAnswer } from './foreign-answer.ts'

/** There is an answer: the registry said no, or it is none of a registry. */
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
  /** What to do, where the answer comes from something in between. */
  readonly advice: string | undefined

  constructor({ status, code, message, details, reason, requestId, retryAfterMs, advice }: ApiErrorFields) {
    super(message)
    this.status = status
    this.code = code
    this.details = details
    this.reason = reason
    this.requestId = requestId
    this.retryAfterMs = retryAfterMs
    this.advice = advice
  }

  /** Whether a registry gave the answer, and not something in between. */
  get isOfRegistry(): boolean {
    return this.code !== ''
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
  advice?: string | undefined
}

/** An answer that is a refusal, whichever HTTP client has received it. */
export interface Refusal {
  status: number
  /** Its text; empty where it was not JSON. */
  body: string
  headers: Headers
  /** What was asked for, where that is known. */
  target?: URL | undefined
}

/** The one place where a refusal is read. */
export function toApiError({ status, body, headers, target }: Refusal): ApiError {
  const answer = status < 300 || status > 399 ? parseObject(body) : undefined
  const fields = {
    status,
    requestId: headers.get('x-request-id') ?? undefined,
    retryAfterMs: parseRetryAfter(headers.get('retry-after')),
  }
  if (!isCode(answer?.['code']) || typeof answer?.['message'] !== 'string') {
    const location = headers.get('location')
    return new ApiError({ ...fields, code: '', ...explainForeignAnswer({ status, location, target }) })
  }
  return new ApiError({
    ...fields,
    code: answer['code'],
    message: answer['message'],
    details: toDetails(answer['details']),
    reason: headers.get('x-holotype-error') ?? undefined,
  })
}

/** Those of a registry are all of this kind, those of others often numbers or sentences. */
function isCode(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Z][A-Z_]{0,60}$/.test(value)
}

/** Seconds, or the date of the earliest next attempt. In ms from now. */
function parseRetryAfter(text: string | null): number | undefined {
  if (text === null) return undefined
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
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

/** More are not worth telling. */
const PROBLEMS_MAX = 100

function toDetails(value: unknown): ErrorDetails | undefined {
  if (typeof value !== 'object' || value === null || !('problems' in value)) return undefined
  if (!Array.isArray(value.problems)) return undefined
  const problems = value.problems.slice(0, PROBLEMS_MAX).map(problem => ({
    field: String(problem?.field ?? ''),
    message: String(problem?.message ?? ''),
  }))
  return { problems }
}
