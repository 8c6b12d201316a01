/** How a command can end: the exit codes, each with the word that `--json` has for it. */
export const EXIT_CODES = {
  ok: { code: 0, meaning: 'done' },
  failed: { code: 1, meaning: 'failed: refused by the registry, or unexpected' },
  usage: { code: 2, meaning: 'wrong usage, value or setting, found here or by the registry' },
  denied: { code: 3, meaning: 'not logged in, or not allowed' },
  missing: { code: 4, meaning: 'not found' },
  conflict: { code: 5, meaning: 'conflict: already there, not unique, or committed' },
  damaged: { code: 6, meaning: 'the bytes are not what they should be' },
  unreachable: { code: 7, meaning: 'cannot reach the registry, or a proxy before it cannot' },
  interrupted: { code: 130, meaning: 'interrupted' },
} as const

export type Outcome = keyof typeof EXIT_CODES

export function exitCodeHelp(): string {
  const lines = Object.values(EXIT_CODES).map(({ code, meaning }) => `  ${String(code).padEnd(3)}  ${meaning}`)
  return `\nExit codes:\n${lines.join('\n')}`
}
