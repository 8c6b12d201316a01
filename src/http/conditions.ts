/** Conditional requests and ranges (RFC 9110), for one file whose strong ETag is its sha256. Pure: headers in, outcome out. */
import type { IncomingHttpHeaders } from 'node:http'

export interface Representation {
  size: number
  /** With its quotes. */
  etag: string
  /** ms since 1970; undefined where the bytes behind the URL may change within a second, or change back to older ones. */
  lastModified: number | undefined
}

export type Outcome =
  | { kind: 'whole' }
  | { kind: 'range'; start: number; end: number }
  | { kind: 'not-modified' }
  | { kind: 'precondition-failed' }
  | { kind: 'unsatisfiable' }

/** What to answer to a GET or HEAD, in the order of RFC 9110 §13.2.2. */
export function evaluatePreconditions(headers: IncomingHttpHeaders, file: Representation): Outcome {
  if (failsPrecondition(headers, file)) return { kind: 'precondition-failed' }
  if (isUnchanged(headers, file)) return { kind: 'not-modified' }
  if (headers.range === undefined || !mayUseRange(headers, file)) return { kind: 'whole' }
  return parseRange(headers.range, file.size)
}

/** Whether a PUT or DELETE may change what is there now. `etag` is undefined where there is nothing. */
export function allowsWrite(headers: IncomingHttpHeaders, etag: string | undefined): boolean {
  const { 'if-match': only, 'if-none-match': not } = headers
  if (only !== undefined && (etag === undefined || !matches(only, etag, 'strong'))) return false
  return not === undefined || etag === undefined || !matches(not, etag, 'weak')
}

function failsPrecondition(headers: IncomingHttpHeaders, file: Representation): boolean {
  if (headers['if-match'] !== undefined) return !matches(headers['if-match'], file.etag, 'strong')
  const since = parseDate(headers['if-unmodified-since'])
  return since !== undefined && file.lastModified !== undefined && toSeconds(file.lastModified) > since
}

function isUnchanged(headers: IncomingHttpHeaders, file: Representation): boolean {
  if (headers['if-none-match'] !== undefined) return matches(headers['if-none-match'], file.etag, 'weak')
  const since = parseDate(headers['if-modified-since'])
  return since !== undefined && file.lastModified !== undefined && toSeconds(file.lastModified) <= since
}

/** A range of other bytes than those the client already has would give a mixed file: then it gets the whole. */
function mayUseRange(headers: IncomingHttpHeaders, file: Representation): boolean {
  const condition = headers['if-range']
  if (condition === undefined) return true
  const text = String(condition).trim()
  if (text.startsWith('"')) return text === file.etag
  return file.lastModified !== undefined && parseDate(text) === toSeconds(file.lastModified)
}

function matches(header: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (header.trim() === '*') return true
  return header.split(',').some(part => {
    const tag = part.trim()
    return tag === etag || (comparison === 'weak' && tag === `W/${etag}`)
  })
}

/** One range is answered; several, or a unit we don't know, are ignored, as RFC 9110 §14.2 allows: the client gets the whole. */
function parseRange(header: string, size: number): Outcome {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header)
  const [, first = '', last = ''] = match ?? []
  if (!match || (first === '' && last === '')) return { kind: 'whole' }
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? { kind: 'unsatisfiable' } : { kind: 'range', start: size - length, end: size - 1 }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return { kind: 'whole' }
  if (start >= size) return { kind: 'unsatisfiable' }
  return { kind: 'range', start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
}

/** What is not an HTTP date counts as absent (RFC 9110 §13.1). `Date.parse` alone would make a date of "nonsense 1". */
function parseDate(text: string | undefined): number | undefined {
  const time = text !== undefined && /^[A-Z][a-z]+, .+ GMT$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? undefined : toSeconds(time)
}

/** HTTP dates have no milliseconds. */
function toSeconds(time: number): number {
  return Math.floor(time / 1000)
}
