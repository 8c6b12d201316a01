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
]

/** A refusal in the envelope, with a status from 400 to 499. Answers its message. */
export function expectRefusal({ status, headers, body }: RawAnswer, statuses?: number[]): string {
  const shown = `${status} ${body.toString().slice(0, 300)}`
  expect(status, shown).toBeGreaterThanOrEqual(400)
  expect(status, shown).toBeLessThan(500)
  if (statuses) expect(statuses, shown).toContain(status)
  expect(headers['content-type'], shown).toMatch(/^application\/json\b/)
  const { code, message, details, ...rest } = JSON.parse(body.toString())
  expect(CODES, shown).toContain(code)
  expect(typeof message, shown).toBe('string')
  expect(message, shown).not.toBe('')
  expect(rest, shown).toEqual({})
  for (const problem of details?.problems ?? []) {
    expect(Object.keys(problem).sort(), shown).toEqual(['field', 'message'])
  }
  return message
}

/** A success, or a refusal in the envelope; never a failure of the server. */
export function expectSoundAnswer(answer: RawAnswer): void {
  if (answer.status >= 400) expectRefusal(answer)
  else expect([200, 206, 304]).toContain(answer.status)
}
