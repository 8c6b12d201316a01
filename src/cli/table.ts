/** Answers in columns, fitted to the terminal they are shown on. */
import { usageError } from './errors.ts'
import { show } from './show.ts'
import { cut, pad, width, wrap } from './width.ts'

type Value = string | number | boolean | null
type Read<T> = (row: T) => Value

interface Column<T> {
  read: Read<T>
  /** What rows are sorted by, where that is not what is shown. */
  by?: Read<T>
  /** Whether the end of it may be missing where there is no room. */
  mayBeCut?: boolean
}

/** For each heading, what a row says under it. */
export type Columns<T> = Record<string, Read<T> | Column<T>>

/** A column of people's own words, whose end may be missing where there is no room. */
export function words<T>(read: Read<T>): Column<T> {
  return { read, mayBeCut: true }
}

/** An aligned table with a heading, or nothing when there are no rows. It is fitted into `columns` of a terminal, where there is one. */
export function table<T>(rows: readonly T[], columns: Columns<T>, room = Number.POSITIVE_INFINITY): string {
  if (rows.length === 0) return ''
  const headings = Object.keys(columns)
  const fields = Object.values(columns).map(toColumn)
  const cells = rows.map(row => fields.map(({ read }) => show(String(read(row) ?? ''))))
  const widths = measureColumns([headings, ...cells])
  const fitting = fitWidths(widths, { fields, room })
  if (fitting) return align([headings, ...cells].map(line => line.map((cell, index) => cut(cell, fitting[index] ?? 0))))
  return cells
    .map(line => record(Object.fromEntries(headings.map((name, index) => [name, line[index]])), room))
    .join('\n')
}

/** The rows in the order of a column; `-column` the other way round. Throws a `CliError` when there is none of that name. */
export function sortRows<T>(rows: readonly T[], columns: Columns<T>, text: string): T[] {
  const isDown = text.startsWith('-')
  const name = isDown ? text.slice(1) : text
  const column = Object.hasOwn(columns, name) ? columns[name] : undefined
  if (!column)
    throw usageError(`there is no column "${name}" to sort by`, `There are: ${Object.keys(columns).join(', ')}`)
  const { read, by = read } = toColumn(column)
  return rows.toSorted((a, b) => compare(by(a), by(b)) * (isDown ? -1 : 1))
}

/** One object, a field a line, in the API's order. What is long goes on in the next line where there is a terminal. */
export function record(object: object, room = Number.POSITIVE_INFINITY): string {
  const fields = Object.entries(object).map(([name, value]) => [show(name), show(showValue(value))] as const)
  const indent = Math.max(0, ...fields.map(([name]) => width(name))) + 2
  const lines = fields.flatMap(([name, value]) =>
    wrap(value, Math.max(room - indent, 10)).map((piece, index) => `${pad(index === 0 ? name : '', indent)}${piece}`),
  )
  return lines.map(line => `${line.trimEnd()}\n`).join('')
}

/** Cells in columns, a line each. Their texts have to be fit to be shown. */
export function align(lines: string[][]): string {
  const widths = measureColumns(lines)
  return lines
    .map(
      line =>
        `${line
          .map((cell, index) => pad(cell, widths[index] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

function toColumn<T>(column: Columns<T>[string]): Column<T> {
  return typeof column === 'function' ? { read: column } : column
}

function measureColumns(lines: string[][]): number[] {
  const widths: number[] = []
  for (const line of lines) {
    for (const [index, cell] of line.entries()) widths[index] = Math.max(widths[index] ?? 0, width(cell))
  }
  return widths
}

/** A column of words is not made narrower than this. */
const NARROWEST = 12

/** The widths that fit into the room, taken from the widest columns of words. Undefined when there is no way. */
function fitWidths<T>(
  widths: readonly number[],
  { fields, room }: { fields: ReadonlyArray<Column<T>>; room: number },
): number[] | undefined {
  const fitting = [...widths]
  for (;;) {
    const excess = fitting.reduce((sum, each) => sum + each, 2 * (fitting.length - 1)) - room
    if (excess <= 0) return fitting
    const wide = fitting.flatMap((each, index) =>
      fields[index]?.mayBeCut && each > NARROWEST ? [{ each, index }] : [],
    )
    const [widest, second] = wide.sort((a, b) => b.each - a.each)
    if (!widest) return undefined
    fitting[widest.index] = Math.max(
      widest.each - excess,
      Math.min(second?.each ?? NARROWEST, widest.each - 1),
      NARROWEST,
    )
  }
}

function compare(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  // Numbers in texts, such as those of versions, in the order of their values.
  return String(a ?? '').localeCompare(String(b ?? ''), 'en', { numeric: true })
}

function showValue(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value) && value.every(item => typeof item === 'string')) return value.join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
