import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createVersionDigest } from './digest.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function digestOf(files: Array<{ path: string; size: number; sha256: string }>): string {
  const digest = createVersionDigest()
  for (const file of files) digest.add(file)
  return digest.finish()
}

describe('the digest of a version', () => {
  const a = { path: 'a.bin', size: 3, sha256: sha256('abc') }
  const b = { path: 'b/c.json', size: 0, sha256: sha256('') }

  test('is the sha256 of a line per file that anyone can write down', () => {
    const list = `${sha256('abc')}  3  a.bin\n${sha256('')}  0  b/c.json\n`
    expect(digestOf([a, b])).toBe(sha256(list))
  })

  test('of no files is the sha256 of nothing', () => {
    expect(digestOf([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  })

  // What is written down here has been approved and signed by people: it may never come out differently.
  test('of one known list is what it has always been', () => {
    expect(digestOf([a])).toBe('c1a981299dc631afec184225ddf2e874514eb052c4cf95904b735392149188b7')
  })

  test.each([
    ['the path', [{ ...a, path: 'a.bim' }, b]],
    ['the bytes', [{ ...a, sha256: sha256('abd') }, b]],
    ['the number of files', [a]],
  ])('changes with %s', (_what, files) => {
    expect(digestOf(files)).not.toBe(digestOf([a, b]))
  })
})
