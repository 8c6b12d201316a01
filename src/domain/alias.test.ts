import { describe, expect, test } from 'vitest'
import { requireAliasName } from './alias.ts'

describe('alias names', () => {
  test.each(['production', 'P', 'v', 'v1.0', 'vNext', 'a-b_c.d', 'latest2', 'x'.repeat(128)])('%s is fine', name => {
    expect(requireAliasName(name)).toBe(name)
  })

  test.each([
    ['latest', 'alias "latest" is reserved: it always means the newest committed version'],
    // S45: a special name must not slip past its check in another case.
    ['Latest', 'alias "latest" is reserved: it always means the newest committed version'],
    ['LATEST', 'alias "latest" is reserved: it always means the newest committed version'],
    ['v1', 'alias must not look like a version number, as "v1" does'],
    ['V007', 'alias must not look like a version number, as "V007" does'],
  ])('%s is refused: %s', (name, message) => {
    expect(() => requireAliasName(name)).toThrow(message)
  })

  test.each(['', '1', '007', '2023', '2023-01-02', '-a', '.a', 'a b', 'a/b', 'a\n', 'é', 'x'.repeat(129)])(
    '%j is refused, and the message says what would be right',
    name => {
      expect(() => requireAliasName(name)).toThrow(/^alias must be a letter followed by up to 127 letters, digits/)
    },
  )
})
