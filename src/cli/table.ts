import { show } from './show.ts'

/** For each heading, what a row says under it. */
export type Columns<T> = Record<string, (row: T) => string | number | boolean | null>

/** An aligned table with a heading, or nothing when there are no rows. */
export function table<T>(rows: readonly T[], columns: Columns<T>): string {
  if (rows.length === 0) return ''
  const cells = rows.map(row => Object.values(columns).map(read => show(String(read(row) ?? ''))))
  return align([Object.keys(columns), ...cells])
}

/** One object, a field a line, in the API's order. */
export function record(object: object): string {
  return align(Object.entries(object).map(([name, value]) => [name, show(showValue(value))]))
}

function showValue(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value) && value.every(item => typeof item === 'string')) return value.join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Cells in columns, a line each. Their texts have to be fit to be shown. */
export function align(lines: string[][]): string {
  const widths: number[] = []
  for (const line of lines) {
    for (const [index, cell] of line.entries()) widths[index] = Math.max(widths[index] ?? 0, width(cell))
  }
  const pad = (cell: string, index: number) => cell + ' '.repeat((widths[index] ?? 0) - width(cell))
  return lines.map(line => `${line.map(pad).join('  ').trimEnd()}\n`).join('')
}

function width(text: string): number {
  return [...text].length
}
