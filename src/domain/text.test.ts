import { describe, expect, test } from 'vitest'
import { foldText, requireName, requireText } from './text.ts'

describe('names', () => {
  test.each(['a', 'naïve 文件 🙂', ' spaces stay ', '2023', '<script>', '"; DROP TABLE models; --', '🙂'.repeat(10)])(
    '%j is fine, and stays as it is',
    name => {
      expect(requireName('name', name, 50)).toBe(name)
    },
  )

  test('are counted in characters, as people count them', () => {
    expect(requireName('name', '🙂'.repeat(3), 3)).toBe('🙂🙂🙂')
    expect(() => requireName('name', '🙂'.repeat(4), 3)).toThrow('name must have 1 to 3 characters, not 4')
  })

  // S14, S69: nothing in a name may break a log line or a terminal.
  test.each([
    ['', 'name must have 1 to 5 characters, not 0'],
    ['abcdef', 'name must have 1 to 5 characters, not 6'],
    ['a\nb', 'name must not contain control characters or line breaks'],
    ['a\rb', 'name must not contain control characters or line breaks'],
    ['\x1b[2J', 'name must not contain control characters or line breaks'],
    ['a\u0085', 'name must not contain control characters or line breaks'],
    ['a\u2028', 'name must not contain control characters or line breaks'],
    [' ', 'name must not be blank'],
    ['\u00a0\u3000', 'name must not be blank'],
    ['a\0', 'name must not contain a NUL character'],
    ['a\ud800', 'name must be valid Unicode (it has a lone surrogate)'],
    ['\udc00a', 'name must be valid Unicode (it has a lone surrogate)'],
  ])('%j is refused: %s', (name, message) => {
    expect(() => requireName('name', name, 5)).toThrow(message)
  })
})

describe('free text', () => {
  test.each(['', 'two\nlines\r\n\tand a tab', '🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂'])('%j is fine', text => {
    expect(requireText('description', text, 30)).toBe(text)
  })

  test.each([
    ['x'.repeat(31), 'description must have at most 30 characters, not 31'],
    ['a\0', 'description must not contain a NUL character'],
    ['\ud83d', 'description must be valid Unicode (it has a lone surrogate)'],
  ])('%j is refused: %s', (text, message) => {
    expect(() => requireText('description', text, 30)).toThrow(message)
  })
})

describe('the fold of a text', () => {
  test.each([
    ['ResNet', 'RESNET'],
    ['Straße', 'STRASSE'],
    ['straße', 'STRAẞE'],
    ['ΟΔΟΣ', 'οδός'.normalize('NFD').replace('\u0301', '')],
    ['Σίσυφος', 'ΣΊΣΥΦΟΣ'],
    ['İstanbul', 'i\u0307stanbul'],
    ['ﬁnal', 'FINAL'],
    ['Ångström', 'A\u030angstro\u0308m'],
    ['\u212b', 'å'],
    ['\u212a', 'k'],
    ['\u00b5', '\u03bc'],
    ['ǆ', 'ǅ'],
    ['ꭰ', 'Ꭰ'],
    ['𐐀', '𐐨'],
    ['각', '\u1100\u1161\u11a8'],
  ])('is the same for %j and %j', (one, other) => {
    expect(foldText(one)).toBe(foldText(other))
  })

  test.each([
    ['é', 'e'],
    ['ö', 'oe'],
    ['0', 'O'],
    ['ж', 'x'],
  ])('is not the same for %j and %j', (one, other) => {
    expect(foldText(one)).not.toBe(foldText(other))
  })

  test('is the same for every character in each case and form, and folds to itself', () => {
    const different: string[] = []
    for (let code = 1; code < 0x20000; code += 1) {
      if (code >= 0xd800 && code < 0xe000) continue
      const character = String.fromCodePoint(code)
      const fold = foldText(character)
      const forms = [character.toUpperCase(), character.toLowerCase(), character.normalize('NFD'), fold]
      if (forms.some(form => foldText(form) !== fold)) different.push(character)
    }
    expect(different).toEqual([])
  })
})
