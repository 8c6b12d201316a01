import { expect, test } from 'vitest'
import { describeDamage } from '../../src/cli/damage.ts'

test('names that people chose can not forge a line of the report', () => {
  const use = { modelId: 'mo0000000000000', modelName: 'a\nb\u001b[2J', version: 1, path: 'x"y' }
  const text = describeDamage({ blobId: 'bl0000000000000', sha256: 'ab', reason: 'gone', uses: [use] })
  expect(text.split('\n')).toEqual([
    'blob bl0000000000000, sha256 ab: gone',
    '  model mo0000000000000 "a\\nb\\u001b[2J", version 1: "x\\"y"',
    '',
  ])
})
