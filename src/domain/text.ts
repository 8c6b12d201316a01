/** Rules for text that people write. Counted in characters (code points), since that is what a person counts. */
import { invalidArgument } from './errors.ts'

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/**
 * A one-line name of 1 to `max` characters that shows: no control characters, and not only white space. Throws `invalid_argument` naming
 * `field`.
 * @returns the name in Unicode normal form C, so that names that look alike are the same.
 */
export function requireName(field: string, text: string, max: number): string {
  requireWellFormed(field, text)
  const value = text.normalize('NFC')
  const length = [...value].length
  if (length < 1 || length > max) throw invalidArgument(field, `must have 1 to ${max} characters, not ${length}`)
  if (CONTROL.test(value)) throw invalidArgument(field, 'must not contain control characters or line breaks')
  if (value.trim() === '') throw invalidArgument(field, 'must not be blank')
  return value
}

/** Free text of up to `max` characters; line breaks and tabs are fine. Throws `invalid_argument` naming `field`. */
export function requireText(field: string, value: string, max: number): string {
  requireWellFormed(field, value)
  const length = [...value].length
  if (length > max) throw invalidArgument(field, `must have at most ${max} characters, not ${length}`)
  return value
}

/** A lone surrogate or a NUL can't be stored and given back unchanged by every database, so neither is taken. */
function requireWellFormed(field: string, value: string): void {
  if (!value.isWellFormed()) throw invalidArgument(field, 'must be valid Unicode (it has a lone surrogate)')
  if (value.includes('\0')) throw invalidArgument(field, 'must not contain a NUL character')
}

/**
 * A text as searches compare it: canonically equivalent texts, and texts that differ only in case, become the same. JavaScript has no full
 * case folding; down, up and down again is the same but for the final sigma, and for the dotless i, which becomes an i.
 */
export function foldText(text: string): string {
  const decomposed = text.normalize('NFD')
  return decomposed.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFC')
}
