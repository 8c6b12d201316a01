import { listSome } from '../show.ts'
import type { LeftOut } from './rules.ts'

/** A line for each reason but the user's own options. */
export function explainLeftOut(leftOut: readonly LeftOut[]): string[] {
  const of = (reason: LeftOut['reason']) => leftOut.filter(left => left.reason === reason).map(left => left.path)
  const lines = [
    { text: 'Left out', paths: of('tool') },
    { text: 'Left out by .holotypeignore', paths: of('ignored') },
    { text: 'Left out, as they may hold secrets', paths: of('secret') },
  ]
    .filter(({ paths }) => paths.length > 0)
    .map(({ text, paths }) => `${text}: ${listSome(paths)}`)
  const [secret] = of('secret')
  if (secret !== undefined) lines.push("  To push one of them, name it beside the rest: --include '*' --include <path>")
  return lines
}
