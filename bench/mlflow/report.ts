/** The comparison as a Markdown table that can go into the README as it is. */
import { formatCells } from '../support/table.ts'
import { type Amounts, PAGE } from './contender.ts'
import { CLIENTS } from './many-clients.ts'
import type { Measured } from './measure.ts'
import { MEBIBYTES } from './transfers.ts'

export function formatComparison(mlflow: Measured, holotype: Measured): string {
  const heads = ['work', `${mlflow.title}, p50`, `${holotype.title}, p50`, 'ratio']
  heads.push(`${CLIENTS} clients: MLflow`, `${CLIENTS} clients: Holotype`, 'ratio')
  const cells = [heads]
  for (const [work, theirs] of mlflow.works) {
    const ours = holotype.works.get(work)
    if (!ours) throw new Error(`only one of both was measured at "${work}"`)
    const row = [work, `${short(theirs.p50Ms)} ms`, `${short(ours.p50Ms)} ms`, factor(theirs.p50Ms / ours.p50Ms)]
    if (theirs.perSecond === undefined || ours.perSecond === undefined) row.push('', '', '')
    else
      row.push(`${short(theirs.perSecond)}/s`, `${short(ours.perSecond)}/s`, factor(ours.perSecond / theirs.perSecond))
    cells.push(row)
  }
  for (const way of ['put', 'get'] as const) {
    const [theirs, ours] = [mlflow.bytes[way], holotype.bytes[way]]
    const row = [`${way.toUpperCase()} ${MEBIBYTES} MiB`, `${short(theirs)} MiB/s`, `${short(ours)} MiB/s`]
    cells.push([...row, factor(ours / theirs), '', '', ''])
  }
  for (const when of ['resting', 'after'] as const) {
    const [theirs, ours] = [mlflow.memory?.[when], holotype.memory?.[when]]
    if (!theirs || !ours) continue
    const row = [when === 'resting' ? 'memory, filled and resting' : 'memory after all of this']
    row.push(...[theirs, ours].map(({ bytes, processes }) => `${short(bytes / 2 ** 20)} MiB (${count(processes)})`))
    cells.push([...row, factor(theirs.bytes / ours.bytes), '', '', ''])
  }
  return formatCells(cells)
}

/** What no figure shows. */
export function describeUnanswered({ title, unanswered }: Measured): string {
  return unanswered === 0 ? '' : `\n${title} left ${unanswered} requests of the one client without an answer.`
}

export function describeAmounts({ models, versions, big }: Amounts): string {
  const [many, of, large] = [models, versions, big].map(number => number.toLocaleString('en-US'))
  return `${many} models of ${of} versions and a large one of ${large}; lists have ${PAGE} models a page`
}

function count(processes: number): string {
  return processes === 1 ? '1 process' : `${processes} processes`
}

function factor(ratio: number): string {
  return `${short(ratio)}×`
}

/** Two significant digits below 10, whole numbers from there on. */
function short(value: number): string {
  const digits = value < 1 ? 2 : value < 10 ? 1 : 0
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
