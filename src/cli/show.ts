/** Texts from elsewhere on a terminal. A name must not move the cursor, hide what follows, or turn it round. */

const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** The text with control characters, and those that change the direction of text, written out as `\u001b`. */
export function show(text: string): string {
  return text.toWellFormed().replace(UNSAFE, escapeCharacter)
}

/** JSON that a terminal shows as it is: what isn't escaped already gets the same kind of escape, so it parses to the same value. */
export function showJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(UNSAFE, character =>
    character === '\n' ? character : escapeCharacter(character),
  )
}

/** Lines that are told as they are, but for what would be more than text on a terminal. */
export function showLines(text: string): string {
  return text
    .toWellFormed()
    .replace(UNSAFE, character => (/[\n\t]/.test(character) ? character : escapeCharacter(character)))
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** In the largest unit that leaves at least 1, binary: `1.5 GiB`. */
export function showBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1)
  return power === 0 ? count(Math.round(bytes), 'byte') : `${(bytes / 1024 ** power).toFixed(1)} ${units[power]}`
}

/** `1 file`, `2 files`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** Some of many names: `a, b, c and 4 more`. */
export function listSome(names: readonly string[], max = 20): string {
  const more = names.length > max ? ` and ${names.length - max} more` : ''
  return `${names.slice(0, max).map(show).join(', ')}${more}`
}

/** The API's ISO 8601, to the second and without the letter in the middle. */
export function showTime(time: string | null): string {
  return time === null
    ? ''
    : show(time)
        .replace('T', ' ')
        .replace(/\.\d+Z$/, 'Z')
}

/** A word as it can be typed into a shell (bash, zsh, ksh), and means just this text there. */
export function shellWord(text: string): string {
  if (/^[\w@%+:,./-]+$/.test(text)) return text
  if (show(text) === text) return `'${text.replaceAll("'", "'\\''")}'`
  const escaped = text.toWellFormed().replace(/['\\]/g, '\\$&').replace(UNSAFE, escapeCharacter)
  return `$'${escaped}'`
}
