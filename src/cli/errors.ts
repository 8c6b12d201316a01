/** What can go wrong, and which exit code it has. In what words it is told stands in describe-error.ts. */
import { CommanderError } from 'commander'
import { ApiError, ConnectionError, IntegrityError } from '../client/errors.ts'
import { type ErrorCode, RegistryError } from '../domain/errors.ts'
import { explainFileError } from './file-errors.ts'
import { EXIT_CODES, type Outcome } from './outcomes.ts'

/** What a command finds wrong itself: one line that says it, and one that says what to do next. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly outcome: Outcome
  readonly advice: string | undefined
  /** What belongs to the message, a line each. */
  readonly details: readonly string[]

  constructor(outcome: Outcome, message: string, advice?: string, details: readonly string[] = []) {
    super(message)
    this.outcome = outcome
    this.advice = advice
    this.details = details
  }
}

export function usageError(message: string, advice?: string): CliError {
  return new CliError('usage', message, advice)
}

export function exitCodeOf(error: unknown): number {
  // Help that was asked for comes as an error with code 0.
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  return EXIT_CODES[outcomeOf(error)].code
}

export function outcomeOf(error: unknown): Outcome {
  if (error instanceof CliError) return error.outcome
  if (error instanceof CommanderError) return 'usage'
  if (error instanceof ConnectionError) return 'unreachable'
  if (error instanceof IntegrityError) return 'damaged'
  if (error instanceof ApiError) return error.isOfRegistry ? outcomeOfRefusal(error) : outcomeOfForeign(error)
  if (error instanceof RegistryError) return REGISTRY_OUTCOMES[error.code] ?? 'failed'
  // By name, as only the commands that run a registry may import them.
  if (error instanceof Error && error.name === 'ConfigError') return 'usage'
  if (error instanceof Error && error.name === 'CopyDiffersError') return 'damaged'
  return explainFileError(error)?.outcome ?? 'failed'
}

function outcomeOfRefusal({ status, reason }: ApiError): Outcome {
  if (reason === 'damaged') return 'damaged'
  // The bytes did not come whole; nothing was wrong with what was asked for.
  if (reason === 'upload_interrupted') return 'failed'
  return OUTCOMES[status] ?? 'failed'
}

const OUTCOMES: Record<number, Outcome> = {
  400: 'usage',
  401: 'denied',
  403: 'denied',
  404: 'missing',
  409: 'conflict',
  412: 'conflict',
  422: 'usage',
}

/** Where a command of the machine that keeps the data asks the registry itself. */
const REGISTRY_OUTCOMES: Partial<Record<ErrorCode, Outcome>> = {
  invalid_argument: 'usage',
  unauthenticated: 'denied',
  permission_denied: 'denied',
  not_found: 'missing',
  already_exists: 'conflict',
  conflict: 'conflict',
  precondition_failed: 'conflict',
  damaged: 'damaged',
}

/** A 404 of something in between says nothing about what the registry has. */
function outcomeOfForeign({ status }: ApiError): Outcome {
  if ([401, 403, 407, 511].includes(status)) return 'denied'
  return [502, 503, 504].includes(status) ? 'unreachable' : 'failed'
}
