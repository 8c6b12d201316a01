/** Reads JSON bodies. Only what every database can keep and every client can read back gets through. */
import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { RegistryError } from '../domain/errors.ts'

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
    if (!isUtf8(body)) return done(malformed('it is not valid UTF-8'))
    const text = body.toString()
    // A parser given as a function answers through the callback, never with a promise.
    void parse(request, text, (error, value) => {
      const problem = error ? explain(error, text) : (findJsonProblem(value, DEPTH_MAX) ?? findInexactInteger(text))
      if (problem === undefined) done(null, value)
      else done(malformed(problem))
    })
  })
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
