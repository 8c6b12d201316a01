/** Reads the text format of Prometheus strictly, for a test to ask. */
import { expect } from 'vitest'

type Labels = Record<string, string>

interface Sample {
  name: string
  labels: Labels
  value: number
}

export interface Metrics {
  /** The one series that has these labels, among others perhaps. Throws when there is none, or more than one. */
  value(name: string, labels?: Labels): number
  /** Undefined when there is none. */
  find(name: string, labels?: Labels): number | undefined
  /** The names and labels of all series of requests, sorted. */
  series(): string[]
  /** Fails unless every sample has its help and type, no series comes twice, and histograms add up. */
  requireSound(): void
}

export function parseMetrics(text: string): Metrics {
  expect(text.endsWith('\n')).toBe(true)
  const types = new Map<string, string>()
  const helped = new Set<string>()
  const samples: Sample[] = []
  for (const line of text.split('\n').filter(line => line !== '')) {
    const [, kind, subject = '', rest = ''] = /^# (HELP|TYPE) (\w+) (.+)$/.exec(line) ?? []
    if (kind === 'HELP') helped.add(subject)
    else if (kind === 'TYPE') types.set(subject, rest)
    else samples.push(parseSample(line))
  }
  const select = (name: string, labels: Labels) =>
    samples.filter(
      sample =>
        sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    )
  const find = (name: string, labels: Labels = {}) => {
    const found = select(name, labels)
    expect(found.length, `${name} ${JSON.stringify(labels)}`).toBeLessThanOrEqual(1)
    return found[0]?.value
  }
  return {
    find,
    value(name, labels) {
      const value = find(name, labels)
      expect(value, `${name} ${JSON.stringify(labels)}`).toBeDefined()
      return Number(value)
    },
    series: () =>
      samples
        .filter(({ name }) => name.startsWith('holotype_http_'))
        .map(nameOf)
        .toSorted(),
    requireSound() {
      const names = samples.map(nameOf)
      expect(new Set(names).size).toBe(names.length)
      for (const { name } of samples) {
        const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '')
        expect(types.get(family), name).toBeDefined()
        expect(helped, name).toContain(family)
      }
      for (const [family, type] of types) if (type === 'histogram') requireHistogram(family)
    },
  }

  function requireHistogram(family: string): void {
    for (const { labels, value: count } of select(`${family}_count`, {})) {
      const buckets = select(`${family}_bucket`, labels).filter(bucket => sameBut(bucket.labels, labels))
      const values = buckets.map(({ value }) => value)
      expect(values, family).toEqual(values.toSorted((a, b) => a - b))
      expect(buckets.at(-1), family).toMatchObject({ labels: { le: '+Inf' }, value: count })
    }
  }
}

function sameBut({ le: _, ...labels }: Labels, expected: Labels): boolean {
  return JSON.stringify(Object.entries(labels).toSorted()) === JSON.stringify(Object.entries(expected).toSorted())
}

function nameOf({ name, labels }: Sample): string {
  return `${name} ${JSON.stringify(Object.entries(labels).toSorted())}`
}

function parseSample(line: string): Sample {
  const [, name = '', list = '', number = ''] = /^([a-zA-Z_]\w*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
  expect(name, line).not.toBe('')
  const labels = Object.fromEntries(
    [...list.matchAll(/(\w+)="([^"\\\n]*)"(?:,|$)/g)].map(([, label, value]) => [label, value]),
  )
  // The lag of an event loop that has not been measured yet.
  const isNumber = number === 'Nan' || !Number.isNaN(Number(number.replace('+Inf', 'Infinity')))
  expect(isNumber, line).toBe(true)
  return { name, labels, value: Number(number) }
}
