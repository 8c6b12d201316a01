import type { Cli } from './context.ts'
import { CliError } from './errors.ts'

/** Asks before something is lost for good. Without a terminal nobody can answer, so a script is taken at its word. */
export async function requireConfirmation(cli: Cli, question: string, { yes }: { yes?: boolean }): Promise<void> {
  if (yes || !cli.io.stdin.isTTY) return
  // Loaded only when somebody is asked: most runs are not.
  const { confirm, isCancel } = await import('@clack/prompts')
  const answer = await confirm({ message: question, initialValue: false, ...channels(cli) })
  if (isCancel(answer)) throw new CliError('interrupted', 'interrupted')
  if (!answer) throw new CliError('failed', 'nothing was deleted')
}

/** Asks for a secret, which is not shown. Undefined without a terminal. */
export async function askSecret(cli: Cli, question: string): Promise<string | undefined> {
  if (!cli.io.stdin.isTTY) return undefined
  const { isCancel, password } = await import('@clack/prompts')
  const answer = await password({ message: question, ...channels(cli) })
  if (isCancel(answer)) throw new CliError('interrupted', 'interrupted')
  return answer.trim()
}

function channels(cli: Cli) {
  return { input: cli.io.stdin, output: cli.io.stderr, signal: cli.signal }
}
