/** In what words an error is told: as lines for a person, or as one JSON object for a program. Neither ever has a key in it. */
import { CommanderError } from 'commander'
import { ApiError, ConnectionError, findErrorCode } from '../client/errors.ts'
import { CliError, exitCodeOf, outcomeOf } from './errors.ts'
import { explainFileError } from './file-errors.ts'
import { show, showJson } from './show.ts'

/** Undefined when the error has been told already. */
export function describeError(error: unknown): string | undefined {
  // The parser of the command line prints its own.
  if (error instanceof CommanderError) return undefined
  const details = listDetails(error)
  const hints = [adviceOf(error), requestIdOf(error)].filter(hint => hint !== undefined)
  return [`error: ${messageOf(error)}`, ...details, ...hints].map(show).join('\n  ')
}

/**
 * One JSON object, as `--json` has it on stderr. `code` is one word for each exit code; `registry` is there where the registry, or something in
 * between, has answered; `notes` are the lines that would stand before the error.
 */
export function describeErrorAsJson(error: unknown, notes: readonly string[]): string | undefined {
  const exitCode = exitCodeOf(error)
  if (exitCode === 0) return undefined
  const details = error instanceof ApiError ? error.details?.problems : toJsonDetails(error)
  return showJson({
    code: outcomeOf(error),
    // The parser of the command line begins as its lines do, and has its guess in a second one.
    message: messageOf(error)
      .replace(/^error: /, '')
      .replaceAll('\n', ' '),
    ...optional('advice', adviceOf(error)),
    ...optional('details', details),
    ...(error instanceof ApiError && { registry: describeAnswer(error) }),
    ...(notes.length > 0 && { notes }),
    exitCode,
  })
}

function describeAnswer({ status, code, reason, requestId, retryAfterMs }: ApiError): object {
  return {
    status,
    ...(code !== '' && { code }),
    ...optional('reason', reason),
    ...optional('requestId', requestId),
    ...optional('retryAfterSeconds', retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1000)),
  }
}

function optional(name: string, value: unknown): object {
  return value === undefined ? {} : { [name]: value }
}

/** In the form of the registry's own. */
function toJsonDetails(error: unknown): Array<{ message: string }> | undefined {
  if (!(error instanceof CliError) || error.details.length === 0) return undefined
  return error.details.map(message => ({ message }))
}

function listDetails(error: unknown): readonly string[] {
  if (error instanceof CliError) return error.details
  const problems = error instanceof ApiError ? (error.details?.problems ?? []) : []
  return problems.length > 1 ? problems.map(problem => `${problem.field}: ${problem.message}`) : []
}

function messageOf(error: unknown): string {
  if (error instanceof ConnectionError) return `cannot reach ${error.url}: ${error.message}`
  if (error instanceof CommanderError && error.code === 'commander.help') return 'a command is missing'
  if (!(error instanceof Error)) return String(error)
  // For a mistake of ours the place in the code is shown, so that a report can name it.
  const isMistake = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError
  if (isMistake) return (error.stack ?? error.message).replaceAll('\n    ', ' | ')
  return explainFileError(error)?.message ?? error.message
}

function adviceOf(error: unknown): string | undefined {
  if (error instanceof CliError) return error.advice
  if (error instanceof ConnectionError) {
    return findErrorCode(error) === 'ECONNREFUSED'
      ? 'Is it running? `holotype serve` starts one here; --url names another.'
      : 'Check the URL and the network, then run it again.'
  }
  return error instanceof ApiError ? adviceOfAnswer(error) : explainFileError(error)?.advice
}

function adviceOfAnswer(error: ApiError): string | undefined {
  const { status, reason, retryAfterMs } = error
  if (!error.isOfRegistry) return error.advice
  if (status === 401) return 'Log in with a valid key: `holotype login`.'
  if (status === 403) return 'An admin can make a key that may: `holotype key create`.'
  if (status === 413) return 'Whoever runs the registry sets the limit: HOLOTYPE_MAX_FILE_BYTES.'
  if (reason === 'damaged') return 'Restore the file from a backup, or push it again as a new version.'
  if ((status === 429 || status === 503) && retryAfterMs !== undefined) {
    return `It asks to be asked again after ${Math.ceil(retryAfterMs / 1000)} s.`
  }
  return undefined
}

/** For the operator, where the fault may be on the server. */
function requestIdOf(error: unknown): string | undefined {
  if (!(error instanceof ApiError) || error.status < 500 || error.requestId === undefined) return undefined
  return `The registry's log has more; the request id is ${error.requestId.slice(0, 100)}.`
}
