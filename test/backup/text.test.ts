import { expect, test } from 'vitest'
import { count, describeDamage, showBytes } from '../../src/cli/damage.ts'

test.for([
  [0, '0 bytes'],
  [1, '1 byte'],
  [1023, '1023 bytes'],
  [1024, '1.0 KiB'],
  [1_572_864, '1.5 MiB'],
  [2 ** 40, '1.0 TiB'],
  [2 ** 60, '1024.0 PiB'],
] as const)('%i is shown as %s', ([bytes, shown], { expect }) => {
  expect(showBytes(bytes)).toBe(shown)
})

test('one is one, and everything else is many', () => {
  expect([count(0, 'blob'), count(1, 'blob'), count(2, 'blob')]).toEqual(['0 blobs', '1 blob', '2 blobs'])
})

test('names that people chose can not forge a line of the report', () => {
  const use = { modelId: 'mo0000000000000', modelName: 'a\nb\u001b[2J', version: 1, path: 'x"y' }
  const text = describeDamage({ blobId: 'bl0000000000000', sha256: 'ab', reason: 'gone', uses: [use] })
  expect(text.split('\n')).toEqual([
    'blob bl0000000000000, sha256 ab: gone',
    '  model mo0000000000000 "a\\nb\\u001b[2J", version 1: "x\\"y"',
    '',
  ])
})
