/**
 * Everything that can go wrong in the registry, as a closed list. It knows no HTTP: each door maps every code in one exhaustive
 * table, so that a new code doesn't compile until each door has an answer for it.
 */
export type ErrorCode =
  | 'invalid_argument'
  | 'unauthenticated'
  | 'permission_denied'
  | 'not_found'
  | 'conflict'
  | 'precondition_failed'
  | 'too_large'
  | 'upload_interrupted'
  | 'storage_full'
  | 'damaged'
  | 'unavailable'

/** What is wrong with one input: `field` names it as the caller wrote it, `message` says what would be right. */
export interface FieldProblem {
  field: string
  message: string
}

/** A refusal with a sentence meant for the caller: it says what is wrong and, where there is one, what would be right. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: ErrorCode
  readonly problems: FieldProblem[]

  constructor(code: ErrorCode, message: string, options: { problems?: FieldProblem[]; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.problems = options.problems ?? []
  }
}

export function invalidArgument(field: string, message: string): RegistryError {
  return new RegistryError('invalid_argument', `${field} ${message}`, { problems: [{ field, message }] })
}

/** Also the answer for another team's private thing, word for word, so that nobody can probe for what exists. */
export function notFound(what: string, id: string): RegistryError {
  return new RegistryError('not_found', `${what} ${quote(id)} does not exist`)
}

export function conflict(message: string): RegistryError {
  return new RegistryError('conflict', message)
}

export function permissionDenied(message: string): RegistryError {
  return new RegistryError('permission_denied', message)
}

/** A caller's text inside one of our sentences: shortened, and with anything that could forge a log line or a terminal escape made visible. */
export function quote(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 79)}…` : text
  return JSON.stringify(shown.toWellFormed()).replace(
    /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    escapeCharacter,
  )
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
