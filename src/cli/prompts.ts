import type { Command } from 'commander'
import type { Cli } from './context.ts'
import { CliError, usageError } from './errors.ts'
import { show } from './show.ts'

export interface ConfirmationOptions {
  yes?: boolean
}

/** For every command by which something is lost for good: it calls `requireConfirmation` before it does so. */
export function withConfirmation(command: Command): Command {
  return command.option('-y, --yes', 'do not ask first; needed where there is no terminal to ask on')
}

/**
 * Asks before something is lost for good. Where nobody can be asked, silence is no consent: without `--yes` a `CliError` is thrown.
 * `deed` reads like `delete the model "x"`.
 */
export async function requireConfirmation(cli: Cli, deed: string, { yes }: ConfirmationOptions): Promise<void> {
  if (yes) return
  if (!canAsk(cli)) {
    throw usageError(`this would ${deed}, and there is no terminal to ask on`, 'Add --yes if that is meant.')
  }
  // Loaded only when somebody is asked: most runs are not.
  const { confirm, isCancel } = await import('@clack/prompts')
  const message = show(`${deed.charAt(0).toUpperCase()}${deed.slice(1)}?`)
  const answer = await confirm({ message, initialValue: false, ...channels(cli) })
  if (isCancel(answer)) throw new CliError('interrupted', 'interrupted')
  if (!answer) throw new CliError('failed', 'the answer was no, so nothing was changed')
}

/** Asks for a secret, which is not shown. Undefined without a terminal. */
export async function askSecret(cli: Cli, question: string): Promise<string | undefined> {
  if (!canAsk(cli)) return undefined
  const { isCancel, password } = await import('@clack/prompts')
  const answer = await password({ message: question, ...channels(cli) })
  if (isCancel(answer)) throw new CliError('interrupted', 'interrupted')
  return answer.trim()
}

/** A question has to be seen as well as answered. */
function canAsk({ io }: Cli): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true
}

function channels(cli: Cli) {
  return { input: cli.io.stdin, output: cli.io.stderr, signal: cli.signal }
}
