/** Patterns as in a `.gitignore`, for which files are meant. */
import type { Command } from 'commander'
import ignore from 'ignore'
import { collect } from './options.ts'

export interface SelectionOptions {
  include?: string[]
  exclude?: string[]
}

/** `--include --exclude`, for commands that move the files of a version. */
export function withSelection(command: Command): Command {
  return command
    .option('--include <pattern>', 'only files that match, in the syntax of .gitignore; may be repeated', collect)
    .option('--exclude <pattern>', 'no files that match; may be repeated', collect)
}

/** What a list of patterns says of a path: `out` and `in` (by `!pattern`), or nothing. A folder's path ends in a slash. */
export type Verdict = 'in' | 'out' | undefined

export function createPatterns(patterns: readonly string[], { ignoreCase = false } = {}): (path: string) => Verdict {
  const rules = ignore({ ignorecase: ignoreCase }).add(patterns.map(pattern => pattern.normalize('NFC')))
  const hasNegation = patterns.some(pattern => pattern.startsWith('!'))
  return path => {
    const { ignored, unignored } = rules.test(path)
    if (ignored) return 'out'
    return unignored || (hasNegation && parentFolders(path).some(folder => rules.test(folder).unignored))
      ? 'in'
      : undefined
  }
}

/** Whether a path is among the selected ones; everything is when nothing was said. */
export function createSelection({ include, exclude }: SelectionOptions): (path: string) => boolean {
  const included = include && createPatterns(include)
  const excluded = createPatterns(exclude ?? [])
  return path => (included === undefined || included(path) === 'out') && excluded(path) !== 'out'
}

/** Whether a pattern says the name of a file or folder itself, and not just what may stand in it. */
export function isPlainName(pattern: string): boolean {
  const name = pattern.replace(/\/$/, '').split('/').at(-1) ?? ''
  return name !== '' && !/[*?[\]]/.test(name) && !pattern.startsWith('!')
}

/** `a/b/c` lies in `a/` and `a/b/`. */
function parentFolders(path: string): string[] {
  const segments = path.replace(/\/$/, '').split('/').slice(0, -1)
  return segments.map((_, index) => `${segments.slice(0, index + 1).join('/')}/`)
}
