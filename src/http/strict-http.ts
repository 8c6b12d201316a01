/** Refuses HTTP that leaves room for two readings, and that no honest client sends. */
import type { IncomingMessage } from 'node:http'
import { HttpError } from './http-error.ts'

/**
 * Headers that may come once: Node keeps the first of some, or joins the values of others, and whoever is in front of us may have read another one.
 * What HTTP has as a list (`If-Match`, `If-None-Match`, digests) may come in several lines.
 */
const ONLY_ONCE = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'expect',
  'host',
  'idempotency-key',
  'if-modified-since',
  'if-range',
  'if-unmodified-since',
  'range',
  'transfer-encoding',
  'x-client',
  'x-request-id',
  'x-sha256',
])

/** What is wrong with a request as HTTP; undefined where nothing is. */
export function findHttpProblem(request: IncomingMessage): HttpError | undefined {
  const { httpVersionMajor, httpVersion, headers, url = '' } = request
  if (httpVersionMajor !== 1) return new HttpError(400, `HTTP/${httpVersion} is not spoken here; use HTTP/1.1`)
  if (httpVersion === '1.1' && headers.host === undefined) return new HttpError(400, 'the header Host is missing')
  const repeated = findRepeatedHeader(request)
  if (repeated !== undefined) return new HttpError(400, `the header ${repeated} may come only once`)
  if (!hasReadableQuery(url)) return new HttpError(400, 'the query is not well-formed (check the percent-encoding)')
  return undefined
}

function findRepeatedHeader({ headers, rawHeaders }: IncomingMessage): string | undefined {
  let names = 0
  for (const _name in headers) names += 1
  // The usual case: none came twice.
  if (2 * names === rawHeaders.length) return undefined
  const seen = new Set<string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    if (!ONLY_ONCE.has(name)) continue
    if (seen.has(name)) return name
    seen.add(name)
  }
  return undefined
}

/** An escape that is no UTF-8 would be taken as it is written, and look for something else than the caller means. */
function hasReadableQuery(url: string): boolean {
  const start = url.indexOf('?')
  if (start === -1 || !url.includes('%', start)) return true
  try {
    decodeURIComponent(url.slice(start))
    return true
  } catch {
    return false
  }
}
