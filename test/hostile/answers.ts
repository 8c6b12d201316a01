/** What every answer of the API must be, whatever was sent. */
import { expect } from 'vitest'
import type { RawAnswer } from './raw-http.ts'

/** The codes that the official Paperspace client (1.x) knows and that we use; any other crashes it. */
const CODES = [
  'BAD_REQUEST',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'NOT_FOUND',
  'METHOD_NOT_SUPPORTED',
  'TIMEOUT',
  'CONFLICT',
  'PRECONDITION_FAILED',
  'PAYLOAD_TOO_LARGE',
  'TOO_MANY_REQUESTS',
]

/** A refusal in v1's envelope, with a status from 400 to 499. Answers its message. */
export function expectRefusal(answer: RawAnswer, statuses?: number[]): string {
  const { code, message, details, ...rest } = parseRefusal(answer, statuses)
  const shown = show(answer)
  expect(CODES, shown).toContain(code)
  expect(rest, shown).toEqual({})
  for (const problem of Object(details).problems ?? []) {
    expect(Object.keys(problem).sort(), shown).toEqual(['field', 'message'])
  }
  return String(message)
}

/** A refusal where no door owns the path, with a status from 400 to 499. Answers its message. */
export function expectNeutralRefusal(answer: RawAnswer, statuses?: number[]): string {
  const body = parseRefusal(answer, statuses)
  expect(Object.keys(body), show(answer)).toEqual(['message'])
  return String(body['message'])
}

/** What the refusals of all doors have in common. */
export function parseRefusal(answer: RawAnswer, statuses?: number[]): Record<string, unknown> {
  const { status, headers } = answer
  const shown = show(answer)
  expect(status, shown).toBeGreaterThanOrEqual(400)
  expect(status, shown).toBeLessThan(500)
  if (statuses) expect(statuses, shown).toContain(status)
  expect(headers['content-type'], shown).toMatch(/^application\/json\b/)
  expect(headers['x-request-id'], shown).toMatch(/^[\w.-]{1,64}$/)
  const body = JSON.parse(answer.body.toString())
  expect(typeof body.message, shown).toBe('string')
  expect(body.message, shown).not.toBe('')
  return body
}

/** A success, or a refusal in v1's envelope; never a failure of the server. */
export function expectSoundAnswer(answer: RawAnswer): void {
  if (answer.status >= 400) expectRefusal(answer)
  else expect([200, 206, 304]).toContain(answer.status)
}

function show({ status, body }: RawAnswer): string {
  return `${status} ${body.toString().slice(0, 300)}`
}
