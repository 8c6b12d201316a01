import { expect, test } from 'vitest'
import { quote } from './errors.ts'

// S69: a caller's text inside our sentences must not forge a log line, move a cursor or turn text around.
test.each([
  ['a/b c?x#é', '"a/b c?x#é"'],
  ['', '""'],
  ['"', '"\\""'],
  ['a\r\nfake log line', '"a\\r\\nfake log line"'],
  ['\x1b[2J', '"\\u001b[2J"'],
  ['\x7f\x9b31m', '"\\u007f\\u009b31m"'],
  ['\u202egpj', '"\\u202egpj"'],
  ['\u2066x\u2069', '"\\u2066x\\u2069"'],
  ['\ud800', '"\ufffd"'],
  ['x'.repeat(80), `"${'x'.repeat(80)}"`],
  ['x'.repeat(81), `"${'x'.repeat(79)}…"`],
])('%j is quoted as %s', (text, shown) => {
  expect(quote(text)).toBe(shown)
})

test('a text cut in the middle of a character is still valid Unicode', () => {
  expect(quote(`${'x'.repeat(78)}🙂🙂`).isWellFormed()).toBe(true)
})
