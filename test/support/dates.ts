/** What the official Paperspace client (1.x) turns into a date wherever it meets it: also ids, names and cursors. */

const DATE = /^[+-]?\d{4}(-(W\d\d(-\d)?|\d{3}|\d\d(-\d\d)?))?(T\S*)?$/

export function looksLikeDate(text: string): boolean {
  return DATE.test(text)
}
