import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findPathProblem, findRepositoryFolder, folderKeys, pathKey } from './file-path.ts'

describe('paths that a version may hold', () => {
  test.each([
    'weights.bin',
    'a/b/c/d.safetensors',
    '.gitattributes',
    '...a',
    'a..b/c',
    '~/x',
    '-rf',
    '%2e%2e%2fetc',
    'a;b=c',
    'a#b',
    'a&b=c',
    'naïve/文件.bin',
    'emoji 🙂.txt',
    'heart ❤️.txt',
    'git',
    'x.git',
    '.gitignore',
    '.github/workflows/x.yml',
    'digit~1',
    '.holotypeignore',
    'con1',
    'console',
    'nul_',
    'com',
    'lpt10',
    'x'.repeat(255),
    `${'x'.repeat(255)}/${'y'.repeat(255)}/${'z'.repeat(255)}/${'w'.repeat(255)}a`.slice(0, 1023),
  ])('%j is fine', path => {
    expect(findPathProblem(path)).toBeUndefined()
  })
})

// S01, S05, S06, S08, S14: what is harmless here may be read on Windows or macOS tomorrow.
describe('paths that no version may hold', () => {
  test.each([
    ['', 'must not be empty'],
    ['/etc/passwd', 'must be relative: it must not begin with "/"'],
    ['//host/share', 'must be relative: it must not begin with "/"'],
    ['..', 'must not have a "." or ".." segment (segment 1, "..")'],
    ['a/../b', 'must not have a "." or ".." segment (segment 2, "..")'],
    ['a/./b', 'must not have a "." or ".." segment (segment 2, ".")'],
    ['a//b', 'must not have an empty segment (segment 2)'],
    ['a/', 'must not have an empty segment (segment 2)'],
    ['a\\..\\b', 'must use "/" between segments, never a backslash (segment 1, "a\\\\..\\\\b")'],
    ['\\\\host\\share', 'must use "/" between segments, never a backslash (segment 1, "\\\\\\\\host\\\\share")'],
    ['C:/x', 'must not begin with a drive letter (segment 1, "C:")'],
    ['D:x', 'must not begin with a drive letter (segment 1, "D:x")'],
    ['dir/c:x', 'must not begin with a drive letter (segment 2, "c:x")'],
    [
      'file.txt:stream',
      'must not contain a character that Windows reserves (< > : " | ? *) (segment 1, "file.txt:stream")',
    ],
    ['a/b?', 'must not contain a character that Windows reserves (< > : " | ? *) (segment 2, "b?")'],
    ['a\0b', 'must not contain control characters (segment 1, "a\\u0000b")'],
    ['a\nb', 'must not contain control characters (segment 1, "a\\nb")'],
    ['a\u0085b', 'must not contain control characters (segment 1, "a\\u0085b")'],
    ['a\u2028b', 'must not contain control characters (segment 1, "a\\u2028b")'],
    ['a\u202egpj.exe', 'must not contain characters that change the direction of text (segment 1, "a\\u202egpj.exe")'],
    ['a\u2066b', 'must not contain characters that change the direction of text (segment 1, "a\\u2066b")'],
    ['x/CON', 'must not use a device name that Windows reserves (such as CON, NUL or COM1) (segment 2, "CON")'],
    ['nul.txt', 'must not use a device name that Windows reserves (such as CON, NUL or COM1) (segment 1, "nul.txt")'],
    [
      'Com1.tar.gz',
      'must not use a device name that Windows reserves (such as CON, NUL or COM1) (segment 1, "Com1.tar.gz")',
    ],
    ['COM¹', 'must not use a device name that Windows reserves (such as CON, NUL or COM1) (segment 1, "COM\\u00b9")'],
    ['aux /x', 'must not use a device name that Windows reserves (such as CON, NUL or COM1) (segment 1, "aux ")'],
    ['a./b', 'must not have a segment that ends in a dot or a space (segment 1, "a.")'],
    ['a /b', 'must not have a segment that ends in a dot or a space (segment 1, "a ")'],
    ['...', 'must not have a segment that ends in a dot or a space (segment 1, "...")'],
    ['cafe\u0301', 'must be in Unicode normal form C (NFC)'],
    ['a\ud800', 'must be valid Unicode (it has a lone surrogate)'],
    ['x'.repeat(256), `must not have a segment of more than 255 bytes (segment 1, "${'x'.repeat(40)}")`],
    ['é'.repeat(128), `must not have a segment of more than 255 bytes (segment 1, "${'\\u00e9'.repeat(40)}")`],
    [`${'a/'.repeat(600)}a`, 'must have at most 1024 bytes of UTF-8, not 1201'],
  ])('%j: %s', (path, problem) => {
    expect(findPathProblem(path)).toBe(problem)
  })

  // A model may be pulled into a checkout, where such a file is an order to the next `git` that runs.
  describe('because some file system reads a segment as ".git"', () => {
    test.each([
      ['.git'],
      ['.git/config'],
      ['a/.git/hooks/post-checkout'],
      ['.GIT'],
      ['.Git/HEAD'],
      ['.g\u0131t'],
      ['.g\u0130t'],
      ['.git\u0301'],
      ['.\uff47\uff49\uff54'],
      ['\uff0egit'],
      ['\u2024git'],
      ['git~1'],
      ['GIT~2/config'],
      ['GI7EBA~1'],
    ])('%j', path => {
      expect(findPathProblem(path)).toContain('must not have a ".git" segment, nor one that some system reads so')
    })

    test.each([
      ['.git.', 'ends in a dot or a space'],
      ['.git /config', 'ends in a dot or a space'],
      ['.git. .', 'ends in a dot or a space'],
      ['.git::$INDEX_ALLOCATION/config', 'character that Windows reserves'],
      ['.git:stream', 'character that Windows reserves'],
      ['.g\u200cit', 'characters that nobody sees'],
      ['.gi\u200dt', 'characters that nobody sees'],
      ['\ufeff.git', 'characters that nobody sees'],
      ['.git\u2060', 'characters that nobody sees'],
      ['.gi\u00adt', 'characters that nobody sees'],
      ['.git\u{e0041}', 'characters that nobody sees'],
      ['.g\u206ait', 'characters that nobody sees'],
      ['.g\u202ait', 'change the direction of text'],
      ['.git\u200e', 'change the direction of text'],
    ])('%j, or which holds what no path may', (path, problem) => {
      expect(findPathProblem(path)).toContain(problem)
    })
  })

  test.each(['.holotype-part-0123', 'a/.holotype-part-0123', '.Holotype-Part-x', '.holotype-x/y', 'HOLOTY~1'])(
    '%j, as the client has local files of that name',
    path => {
      expect(findPathProblem(path)).toContain('must not have a segment that begins with ".holotype-"')
    },
  )

  test.each(['\uff0e\uff0e/x', 'a/\u2025', '\u2024'])('%j, as some system may read it as a step', path => {
    expect(findPathProblem(path)).toContain('must not have a "." or ".." segment, nor one that some system reads so')
  })

  test('whatever is let through stays inside a folder, on POSIX and on Windows', () => {
    const piece = fc.constantFrom('..', '.', '', 'a', 'C:', '\\', '/', ' ', '\0', 'b.', 'nul', 'é', '\u202e', '%2f')
    const path = fc.oneof(
      fc.array(piece, { maxLength: 6 }).map(parts => parts.join('/')),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(path, text => {
        if (findPathProblem(text) !== undefined) return
        const segments = text.split('/')
        expect(segments.filter(segment => ['', '.', '..'].includes(segment))).toEqual([])
        expect(text).not.toMatch(/[\\:\0]/)
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024)
      }),
      { numRuns: 200, seed: 1 },
    )
  })
})

describe('a folder that would be a git repository of its own', () => {
  test.each([
    [['HEAD', 'config', 'objects/a', 'refs/heads/main'], ''],
    [['a/b/head', 'a/b/Objects/x', 'a/b/REFS/x', 'c'], 'a/b'],
    [['x/HEAD', 'x/commondir'], 'x'],
  ])('%j', (paths, folder) => {
    expect(findRepositoryFolder(paths)).toBe(folder)
  })

  test.each([
    [['HEAD', 'objects/a', 'x/refs/b']],
    [['config', 'objects/a', 'refs/b']],
    [['head/a', 'objects/b']],
    [[]],
  ])('%j is none', paths => {
    expect(findRepositoryFolder(paths)).toBeUndefined()
  })
})

describe('paths as a file system that ignores case sees them (R34)', () => {
  test.each([
    ['A/b.BIN', 'a/B.bin'],
    ['É', 'é'],
    ['ſ', 'S'],
    ['straße', 'STRASSE'],
    ['Σ', 'ς'],
  ])('%s and %s are one file', (one, other) => {
    expect(pathKey(one)).toBe(pathKey(other))
  })

  test.each([
    ['a', 'b'],
    ['a/b', 'a-b'],
    ['é', 'e'],
  ])('%s and %s are two files', (one, other) => {
    expect(pathKey(one)).not.toBe(pathKey(other))
  })

  test('the key of a key is itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        expect(pathKey(pathKey(text))).toBe(pathKey(text))
      }),
      { numRuns: 200, seed: 1 },
    )
  })

  test('the folders of a path are all its beginnings', () => {
    expect(folderKeys('a/b/c')).toEqual(['a', 'a/b'])
    expect(folderKeys('a')).toEqual([])
  })
})
