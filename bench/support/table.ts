/** The results as people read them: a Markdown table that can go into the README as it is. */
import { type Aim, isReached, type Row, ratioOf } from './figure.ts'

export function formatTable(rows: Row[]): string {
  return formatCells([['figure', 'ours', 'limit', 'ratio', 'aim'], ...rows.map(toCells)])
}

/** @param cells line by line; the first line is the head. */
export function formatCells(cells: string[][]): string {
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map(line => line[column]?.length ?? 0))) ?? []
  const lines = cells.map(line => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
  const rule = `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`
  return [lines[0], rule, ...lines.slice(1)].join('\n')
}

/** One row as data. */
export function toRecord(row: Row) {
  const { figure, unit, ours, limit } = row
  return {
    figure,
    unit,
    ours,
    limit: limit?.value ?? null,
    limitIs: limit?.what ?? null,
    ratio: ratioOf(row) ?? null,
    aim: formatAim(row.aim, unit),
    isReached: isReached(row) ?? null,
  }
}

function toCells(row: Row): string[] {
  const ratio = ratioOf(row)
  const verdict = isReached(row) === false ? ' (missed)' : ''
  return [
    row.figure,
    formatQuantity(row.ours, row.unit),
    row.limit ? `${formatQuantity(row.limit.value, row.unit)} (${row.limit.what})` : '',
    ratio === undefined ? '' : formatRatio(ratio, row.aim),
    formatAim(row.aim, row.unit) + verdict,
  ]
}

function formatAim(aim: Aim, unit: Row['unit']): string {
  if ('none' in aim) return aim.none
  if ('value' in aim) return `< ${formatQuantity(aim.bound, unit)}`
  return `${aim.ratio === 'at least' ? '≥' : '≤'} ${formatRatio(aim.bound, aim)}`
}

/** A share of a limit reads best in percent, a multiple of one as a factor. */
function formatRatio(ratio: number, aim: Aim): string {
  const isShare = 'ratio' in aim && aim.ratio === 'at least' && aim.bound < 1
  return isShare ? `${Math.round(ratio * 100)} %` : `${ratio.toFixed(Number.isInteger(ratio) ? 0 : 2)}×`
}

function formatQuantity(value: number, unit: Row['unit']): string {
  const digits = value < 10 && !Number.isInteger(value) ? 2 : 0
  const number = value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return `${number} ${unit}`
}
