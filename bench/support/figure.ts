/** What a figure is: something of ours, measured beside the limit that this machine sets to it in the same run. */

export interface Figure {
  /** What it is called on the command line, where each word of it names all figures that have it. */
  name: string
  /** Why it can't be measured on this machine, if so. */
  whyMissing?(): string | undefined
  /** @param dir an empty directory on the disk that is measured; the figure may leave things in it. */
  measure(dir: string): Promise<Row[]>
}

export interface Row {
  /** What was measured, in words. */
  figure: string
  unit: Unit
  ours: number
  limit?: { what: string; value: number }
  aim: Aim
}

export type Unit = 'requests/s' | 'creates/s' | 'MiB/s' | 'MiB' | 's' | 'ms' | 'µs'

/** `ratio`: ours divided by the limit. `value`: ours alone. `none`: it explains another row. */
export type Aim =
  | { ratio: 'at least' | 'at most'; bound: number }
  | { value: 'below'; bound: number }
  | { none: string }

export function ratioOf({ ours, limit }: Row): number | undefined {
  return limit && ours / limit.value
}

/** Whether a row reaches its aim; undefined when it has none. */
export function isReached(row: Row): boolean | undefined {
  const { aim } = row
  if ('none' in aim) return undefined
  if ('value' in aim) return row.ours < aim.bound
  const ratio = ratioOf(row)
  if (ratio === undefined) throw new Error(`"${row.figure}" aims at a ratio and has no limit`)
  return aim.ratio === 'at least' ? ratio >= aim.bound : ratio <= aim.bound
}
