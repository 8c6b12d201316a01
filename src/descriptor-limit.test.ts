import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { connectionsWithin, readDescriptorLimit } from './descriptor-limit.ts'

test('the limit is that of the process', () => {
  // Node raises its own to the hard one, which its children inherit.
  const inherited = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim()
  expect(String(readDescriptorLimit() ?? 'unlimited')).toBe(inherited)
})

test.each([
  [undefined, 10_000],
  [1_048_576, 10_000],
  [1024, 488],
  [256, 104],
  [128, 40],
  [64, 16],
])('%s descriptors hold %i connections', (descriptors, connections) => {
  expect(connectionsWithin(descriptors)).toBe(connections)
})
