import { expect, test } from 'vitest'
import { count, shellWord, show, showBytes, showLines } from './show.ts'

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

test('what could move a cursor or turn a text round is written out', () => {
  expect(show('a\u001b[2J\u202eb\u0085\n')).toBe('a\\u001b[2J\\u202eb\\u0085\\u000a')
  expect(show('naïve 文件 🙂')).toBe('naïve 文件 🙂')
})

test('lines stay lines, and are nothing more', () => {
  expect(showLines('a\u001b[2J\nb\tc\r\u202e')).toBe('a\\u001b[2J\nb\tc\\u000d\\u202e')
})

test.for([
  ['plain/word-1.bin', 'plain/word-1.bin'],
  ['two words', "'two words'"],
  ["it's", "'it'\\''s'"],
  ['$(reboot)', "'$(reboot)'"],
  ['', "''"],
  ['a\u0007b', "$'a\\u0007b'"],
  ["it's\n", "$'it\\'s\\u000a'"],
] as const)('%j is typed into a shell as %s', ([text, word], { expect }) => {
  expect(shellWord(text)).toBe(word)
})
