/** How much room a text takes on a terminal, where some characters take two columns and some none. */
import measure from 'fast-string-truncated-width'

/** In columns. */
export function width(text: string): number {
  return measure(text).width
}

/** The text with spaces behind it, up to so many columns. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)))
}

/** The text, cut where it takes more room, with an ellipsis for what is missing. */
export function cut(text: string, columns: number): string {
  const { index, truncated } = measure(text, { limit: columns, ellipsis: '…', ellipsisWidth: 1 })
  return truncated ? `${text.slice(0, index)}…` : text
}

/** The text in pieces of at most so many columns; the first character of a piece always fits. */
export function wrap(text: string, columns: number): string[] {
  const pieces: string[] = []
  let rest = text
  for (;;) {
    const { index, truncated } = measure(rest, { limit: columns, ellipsis: '', ellipsisWidth: 0 })
    if (!truncated) return [...pieces, rest]
    const end = Math.max(index, [...rest][0]?.length ?? 1)
    pieces.push(rest.slice(0, end))
    rest = rest.slice(end)
  }
}
