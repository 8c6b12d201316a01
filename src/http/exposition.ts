/** Distributions in the text format that Prometheus reads: the metrics library can't take over what was counted elsewhere. */
import type { Distribution } from '../domain/distribution.ts'

export interface Series {
  /** Values without quotation marks, backslashes and line breaks. */
  labels: Record<string, string>
  distribution: Distribution
}

export function exposeHistogram(name: string, help: string, series: Series[]): string {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`]
  for (const { labels, distribution } of series) {
    const { bounds, counts, sum, count } = distribution
    let below = 0
    for (const [index, bound] of [...bounds, '+Inf'].entries()) {
      below += counts[index] ?? 0
      lines.push(`${name}_bucket${showLabels({ ...labels, le: String(bound) })} ${below}`)
    }
    lines.push(`${name}_sum${showLabels(labels)} ${sum}`, `${name}_count${showLabels(labels)} ${count}`)
  }
  return `${lines.join('\n')}\n`
}

function showLabels(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`)
  return pairs.length === 0 ? '' : `{${pairs.join()}}`
}
