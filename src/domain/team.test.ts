import { describe, expect, test } from 'vitest'
import { requireNamespace } from './team.ts'

describe('namespaces', () => {
  test.each(['a', 'acme', 'my-team_1', 'x9', 'a'.repeat(63)])('%s is fine', namespace => {
    expect(requireNamespace(namespace)).toBe(namespace)
  })

  // A dot breaks the official Paperspace client's own store, and it turns a year into a date.
  test.each(['', '2023', '2023-01', 'a.b', 'My Team', 'Acme', 'ünï', '-a', '_a', 'a\n', 'a'.repeat(64)])(
    '%j is refused',
    namespace => {
      expect(() => requireNamespace(namespace)).toThrow(/^namespace must be a lower-case letter followed by up to 62/)
    },
  )
})
