/** How often values fell below which bounds. Adding one costs next to nothing, so it can be done for each request and each commit. */
export class Distribution {
  /** Ascending. Values above the last one are counted too. */
  readonly bounds: readonly number[]
  /** How many values were above the bound before and at most this one; one more than there are bounds. */
  readonly counts: number[]
  sum = 0
  count = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Array(bounds.length + 1).fill(0)
  }

  add(value: number): void {
    let index = 0
    while (index < this.bounds.length && value > (this.bounds[index] ?? 0)) index++
    this.counts[index] = (this.counts[index] ?? 0) + 1
    this.sum += value
    this.count += 1
  }
}
