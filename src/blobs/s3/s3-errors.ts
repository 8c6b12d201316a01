/** Failures of an S3 store in the words of every store. Nothing here repeats a request, a header or a key. */
import { StoreFullError, StoreUnavailableError } from '../blob-store.ts'

/** What the SDK tells of a failure, as far as it tells. */
export interface S3Failure extends Error {
  /** A code of the system, such as ECONNREFUSED. */
  code?: string
  $metadata?: { httpStatusCode?: number; attempts?: number }
}

const FULL = new Set([
  'QuotaExceeded',
  'XMinioStorageFull',
  'XMinioAdminBucketQuotaExceeded',
  'InsufficientStorage',
  'StorageFull',
])

/** For the codes whose own sentence doesn't tell an operator what to do. */
const ADVICE: Record<string, string> = {
  RequestTimeTooSkewed:
    'the clocks of this machine and of the store differ by more than the store allows: set them right',
  NoSuchBucket: 'the bucket does not exist',
  AccessDenied:
    'the access key may not do this: its policy must allow reading, writing, listing and deleting in the bucket',
  InvalidAccessKeyId: 'the store does not know the access key',
  XAdminUserNotFound: 'the store does not know the access key',
  SignatureDoesNotMatch: 'the secret access key is wrong (or something on the way changes requests)',
  ExpiredToken: 'the temporary credentials have expired',
  CredentialsProviderError: 'there are no credentials for the store',
  SlowDown: 'the store asks for fewer requests',
  PermanentRedirect: 'the bucket is in another region or at another endpoint',
  AuthorizationHeaderMalformed: 'the region is wrong',
}

const NETWORK: Record<string, string> = {
  ECONNREFUSED: 'nothing answers at the endpoint',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOTFOUND: "the endpoint's host name is not known",
  EAI_AGAIN: "the endpoint's host name can't be looked up right now",
  EHOSTUNREACH: 'there is no way to the endpoint',
  ENETUNREACH: 'there is no way to the endpoint',
}

const SAID_MAX = 500

/** What has passed through `toStoreError` once stays as it is. Other bugs than the store's pass unchanged as well. */
export function toStoreError(error: unknown): Error {
  if (error instanceof StoreFullError || error instanceof StoreUnavailableError) return error
  if (!isS3Failure(error)) return error instanceof Error ? error : new Error('the S3 store failed', { cause: error })
  const cause = new Error(explain(error), { cause: error })
  if (FULL.has(error.name) || statusOf(error) === 507) return new StoreFullError(cause)
  return new StoreUnavailableError(cause)
}

/** For `catch`: throws the failure as `toStoreError` has it. */
export function throwStoreError(error: unknown): never {
  throw toStoreError(error)
}

/** The HTTP status of the store's answer, undefined where there was none. */
export function statusOf(error: unknown): number | undefined {
  return isFailure(error) ? error.$metadata?.httpStatusCode : undefined
}

/**
 * Whether the store has proven that there is no such object. A missing bucket proves nothing about it, nor does a 404 of something in between.
 * Only the answer to HEAD has no body that could tell them apart.
 */
export function isAbsent(error: unknown, { isHead = false } = {}): boolean {
  if (!(error instanceof Error) || statusOf(error) !== 404) return false
  return error.name === 'NoSuchKey' || (isHead && error.name === 'NotFound')
}

/** Whether the store refuses the kind of request: it doesn't know the header or the operation. */
export function isNotImplemented(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const status = statusOf(error)
  return (
    error.name === 'NotImplemented' ||
    status === 501 ||
    (status === 400 && /not implemented|unsupported header/i.test(error.message))
  )
}

/** The first cause: what the SDK or the system itself has thrown. */
export function rootOf(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  return error.cause instanceof Error ? rootOf(error.cause) : error
}

/** Whether the store was asked and has refused: asking again would not help. */
export function isRefusal(error: unknown): boolean {
  const status = statusOf(error)
  return status !== undefined && ((status >= 400 && status < 500 && status !== 429) || status === 501)
}

/** What the store said, or what happened on the way, in one sentence for an operator. */
function explain(error: S3Failure): string {
  const status = statusOf(error)
  const code =
    error.name === 'Error' || error.name === 'Unknown' || error.name === 'UnknownError' ? undefined : error.name
  if (status === undefined) {
    if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'the store did not answer in time'
    if (code !== undefined && ADVICE[code]) return `${ADVICE[code]} (${said(error)})`
    return error.code !== undefined && NETWORK[error.code] ? `${NETWORK[error.code]} (${said(error)})` : said(error)
  }
  const answer = [`the store answered ${status}`, code].filter(part => part !== undefined).join(' ')
  const advice = code === undefined ? undefined : ADVICE[code]
  return [`${answer}: ${said(error)}`, advice].filter(part => part !== undefined).join('; ')
}

function said({ message }: Error): string {
  const line = message.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  return line.length > SAID_MAX ? `${line.slice(0, SAID_MAX)}…` : line || 'no reason was given'
}

function isFailure(error: unknown): error is S3Failure {
  return error instanceof Error
}

/** A failure of the store or of the way to it: the SDK marks the one with metadata, the system the other with a code. */
function isS3Failure(error: unknown): error is S3Failure {
  if (!isFailure(error)) return false
  return (
    error.$metadata !== undefined ||
    error.code !== undefined ||
    ['TimeoutError', 'AbortError', 'CredentialsProviderError', 'EndpointError'].includes(error.name)
  )
}
