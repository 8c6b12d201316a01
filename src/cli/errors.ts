/** What can go wrong, in what words it is told, and with which exit code: all decided here. */
import { CommanderError } from 'commander'
import { ApiError, ConnectionError, findErrorCode, IntegrityError } from '../client/errors.ts'
import { show } from './show.ts'

const EXIT_CODES = {
  ok: { code: 0, meaning: 'done' },
  failed: { code: 1, meaning: 'failed: refused by the registry, or unexpected' },
  usage: { code: 2, meaning: 'wrong usage or setting' },
  denied: { code: 3, meaning: 'not logged in, or not allowed' },
  missing: { code: 4, meaning: 'not found' },
  conflict: { code: 5, meaning: 'conflict: already there, not unique, or committed' },
  damaged: { code: 6, meaning: 'the bytes are not what they should be' },
  unreachable: { code: 7, meaning: 'cannot reach the registry' },
  interrupted: { code: 130, meaning: 'interrupted' },
} as const

export type Outcome = keyof typeof EXIT_CODES

/** What a command finds wrong itself: one line that says it, and one that says what to do next. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly outcome: Outcome
  readonly advice: string | undefined

  constructor(outcome: Outcome, message: string, advice?: string) {
    super(message)
    this.outcome = outcome
    this.advice = advice
  }
}

export function usageError(message: string, advice?: string): CliError {
  return new CliError('usage', message, advice)
}

export function exitCodeHelp(): string {
  const lines = Object.values(EXIT_CODES).map(({ code, meaning }) => `  ${String(code).padEnd(3)}  ${meaning}`)
  return `\nExit codes:\n${lines.join('\n')}`
}

export function exitCodeOf(error: unknown): number {
  // Help that was asked for comes as an error with code 0.
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  return EXIT_CODES[outcomeOf(error)].code
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof CliError) return error.outcome
  if (error instanceof CommanderError) return 'usage'
  if (error instanceof ConnectionError) return 'unreachable'
  if (error instanceof IntegrityError) return 'damaged'
  if (error instanceof ApiError) return error.reason === 'damaged' ? 'damaged' : (OUTCOMES[error.status] ?? 'failed')
  // By name, as only the commands that run a registry may import them.
  if (error instanceof Error && error.name === 'ConfigError') return 'usage'
  if (error instanceof Error && error.name === 'CopyDiffersError') return 'damaged'
  return 'failed'
}

const OUTCOMES: Record<number, Outcome> = { 401: 'denied', 403: 'denied', 404: 'missing', 409: 'conflict' }

/** The lines for the person in front of it, or undefined when they have been told already. Never has a key in it. */
export function describeError(error: unknown): string | undefined {
  // The parser of the command line prints its own.
  if (error instanceof CommanderError) return undefined
  const message = error instanceof ConnectionError ? `cannot reach ${error.url}: ${error.message}` : messageOf(error)
  const problems = error instanceof ApiError ? (error.details?.problems ?? []) : []
  const details = problems.length > 1 ? problems.map(problem => `${problem.field}: ${problem.message}`) : []
  const hints = [adviceOf(error), requestIdOf(error)].filter(hint => hint !== undefined)
  return [`error: ${message}`, ...details, ...hints].map(show).join('\n  ')
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // For a mistake of ours the place in the code is shown, so that a report can name it.
  const isMistake = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError
  return isMistake ? (error.stack ?? error.message).replaceAll('\n    ', ' | ') : error.message
}

function adviceOf(error: unknown): string | undefined {
  if (error instanceof CliError) return error.advice
  if (error instanceof ConnectionError) {
    return findErrorCode(error) === 'ECONNREFUSED'
      ? 'Is it running? `holotype serve` starts one here; --url names another.'
      : 'Check the URL and the network, then run it again.'
  }
  if (!(error instanceof ApiError)) return undefined
  if (error.status === 401) return 'Log in with a valid key: `holotype login`.'
  if (error.status === 403) return 'An admin can make a key that may: `holotype key create`.'
  if (error.status === 413) return 'Whoever runs the registry sets the limit: HOLOTYPE_MAX_FILE_BYTES.'
  if (error.reason === 'damaged') return 'Restore the file from a backup, or push it again as a new version.'
  return undefined
}

/** For the operator, where the fault may be on the server. */
function requestIdOf(error: unknown): string | undefined {
  if (!(error instanceof ApiError) || error.status < 500 || error.requestId === undefined) return undefined
  return `The registry's log has more; the request id is ${error.requestId.slice(0, 100)}.`
}
