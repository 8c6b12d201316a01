/** Reads JSON bodies. Only what every database can keep and every client can read back gets through. */
import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { invalidArgument, RegistryError } from '../domain/errors.ts'
import { readDigest, requireIdentity } from './digests.ts'
import { HttpError } from './http-error.ts'

/** Larger JSON bodies are refused. */
export const JSON_BODY_MAX_BYTES = 1024 * 1024

/** Deeper than anything people write, and far from where a stack would overflow. */
const DEPTH_MAX = 64

export function acceptJsonBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error')
  server.removeAllContentTypeParsers()
  server.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // The official Paperspace client (1.x) announces JSON on DELETE and sends none: an empty body is no body.
    if (body.length === 0) return done(null, undefined)
    const refusal = findRefusal(request.raw, body)
    if (refusal) return done(refusal)
    if (!isUtf8(body)) return done(malformed('it is not valid UTF-8'))
    const text = body.toString()
    // A parser given as a function answers through the callback, never with a promise.
    void parse(request, text, (error, value) => {
      const problem = error
        ? explain(error, text)
        : (findJsonProblem(value, DEPTH_MAX) ?? findTextProblems(value, text))
      if (problem === undefined) done(null, value)
      else done(malformed(problem))
    })
  })
}

/** Why a body is not taken as the JSON that it looks like: it was sent in a coding, or is not what its sender says it is. */
function findRefusal({ headers, trailers }: IncomingMessage, body: Buffer): Error | undefined {
  try {
    requireIdentity(headers)
    requireUtf8(headers['content-type'])
    for (const { sha256 } of [readDigest(headers), readDigest(trailers)]) requireDigest(sha256, body)
    return undefined
  } catch (error) {
    return error as Error
  }
}

/** JSON is UTF-8 (RFC 8259 §8.1): what claims to be in another charset would be read as other characters. */
function requireUtf8(contentType = ''): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType)?.[1]
  if (charset === undefined || /^utf-?8$/i.test(charset)) return
  throw new HttpError(415, 'the charset of a JSON body must be UTF-8')
}

function requireDigest(declared: string | undefined, body: Buffer): void {
  if (declared === undefined) return
  const actual = hash('sha256', body)
  if (actual === declared) return
  throw invalidArgument('sha256', `is declared as ${declared}, but the body has ${actual}`)
}

/** The framework reports a forbidden key as a syntax error. */
function explain(error: Error, text: string): string {
  try {
    JSON.parse(text)
    return 'keys such as "__proto__" and "constructor.prototype" are not allowed'
  } catch {
    return error.message
  }
}

/** What can't be kept as it is: too deep nesting, text that is no Unicode, numbers beyond a double. */
function findJsonProblem(value: unknown, depthLeft: number): string | undefined {
  if (typeof value === 'string') return findTextProblem(value)
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'a number in it is out of range'
  if (typeof value !== 'object' || value === null) return undefined
  if (depthLeft === 0) return `it is nested deeper than ${DEPTH_MAX} levels`
  for (const [key, item] of Object.entries(value)) {
    const problem = findTextProblem(key) ?? findJsonProblem(item, depthLeft - 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** What the value that was read no longer shows. */
function findTextProblems(value: unknown, text: string): string | undefined {
  return findRepeatedKey(value, text) ?? findInexactInteger(text)
}

/** Of two members with the same key one reader takes the first, another the last. Then there are more members written than were read. */
function findRepeatedKey(value: unknown, text: string): string | undefined {
  const members = countMembers(value)
  if (countColons(text) === members) return undefined
  // Colons within texts are no members.
  const tokens = text.match(/"[^"\\]*(?:\\.[^"\\]*)*"|:/g) ?? []
  return tokens.filter(token => token === ':').length === members ? undefined : 'a key in it comes twice'
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const items = Object.values(value)
  return items.reduce((sum: number, item) => sum + countMembers(item), Array.isArray(value) ? 0 : items.length)
}

function countColons(text: string): number {
  let count = 0
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) count += 1
  return count
}

/** A whole number that a double rounds, such as a 64-bit random seed: it would come back as another number without a warning. */
function findInexactInteger(json: string): string | undefined {
  if (!/\d{16}/.test(json)) return undefined
  const numbers = json.match(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g) ?? []
  const inexact = numbers.find(text => /^-?\d{16,}$/.test(text) && !comesBack(text))
  return inexact && `the whole number ${inexact} in it can't be kept exactly; send it as a text`
}

/** JavaScript writes a double of up to 21 digits as a rounded whole number: what comes back as the same text is as good as exact. */
function comesBack(integer: string): boolean {
  const number = Number(integer)
  return String(number) === integer || BigInt(number) === BigInt(integer)
}

function findTextProblem(text: string): string | undefined {
  if (!text.isWellFormed()) return 'a text in it is not valid Unicode (lone surrogate)'
  return text.includes('\0') ? 'a text in it has a NUL character' : undefined
}

function malformed(reason: string): RegistryError {
  return new RegistryError('invalid_argument', `the body can't be read as JSON: ${reason}`)
}
