/** Measuring on a machine that drifts: ours and the limit take turns, and the median of each counts. */

/**
 * Runs all measurements one after the other, `rounds` times over.
 * @returns for each measurement the median of each of its values.
 */
export async function takeTurns<Name extends string, Value extends string>(
  rounds: number,
  measurements: Record<Name, () => Promise<Record<Value, number>>>,
): Promise<Record<Name, Record<Value, number>>> {
  const names = Object.keys(measurements) as Name[]
  const results = new Map(names.map(name => [name, [] as Record<Value, number>[]]))
  for (let round = 0; round < rounds; round++) {
    for (const name of names) results.get(name)?.push(await measurements[name]())
  }
  const medians = [...results].map(([name, taken]) => [name, mediansOf(taken)])
  return Object.fromEntries(medians)
}

function mediansOf<Value extends string>(taken: Record<Value, number>[]): Record<Value, number> {
  const names = Object.keys(taken[0] ?? {}) as Value[]
  const medians = names.map(name => [name, median(taken.map(values => values[name]))])
  return Object.fromEntries(medians)
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
