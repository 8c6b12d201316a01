/**
 * Everything that can go wrong in the registry, as a closed list. It knows no HTTP: each door maps every code in one exhaustive
 * table, so that a new code doesn't compile until each door has an answer for it.
 */
export type ErrorCode =
  | 'invalid_argument'
  | 'unauthenticated'
  | 'permission_denied'
  | 'not_found'
  /** What is to be made is there already. */
  | 'already_exists'
  /** The state of the subject doesn't allow the change. */
  | 'conflict'
  /** A condition that the caller set does not hold. */
  | 'precondition_failed'
  | 'too_large'
  | 'upload_interrupted'
  | 'storage_full'
  | 'damaged'
  /** Passes by itself: the same request may succeed a moment later. */
  | 'unavailable'

/** The kinds of things that an error or an event can be about, with the words that a sentence uses for them. */
export const SUBJECT_NAMES = {
  team: 'team',
  user: 'user',
  'api-key': 'API key',
  project: 'project',
  'storage-provider': 'storage provider',
  model: 'model',
  version: 'version',
  file: 'file',
  alias: 'alias',
  upload: 'upload',
  cursor: 'cursor',
} as const

export type SubjectKind = keyof typeof SUBJECT_NAMES

/** What an error or an event is about. `id` is the id, the number, the path or the name, as the caller knows it. */
export interface Subject {
  kind: SubjectKind
  id: string
}

/** What is wrong with one input: `field` names it in the registry's words, `message` says what would be right. */
export interface FieldProblem {
  field: string
  message: string
}

interface ErrorOptions {
  subject?: Subject | undefined
  problems?: FieldProblem[]
  cause?: unknown
}

/** A refusal with a sentence meant for the caller: it says what is wrong and, where there is one, what would be right. */
export class RegistryError extends Error {
  override readonly name: string = 'RegistryError'
  readonly code: ErrorCode
  /** What it is about, so that each door can say it in its protocol's words. */
  readonly subject: Subject | undefined
  readonly problems: FieldProblem[]

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.subject = options.subject
    this.problems = options.problems ?? []
  }
}

export function invalidArgument(field: string, message: string): RegistryError {
  return new RegistryError('invalid_argument', `${field} ${message}`, { problems: [{ field, message }] })
}

/** Also the answer for another team's private thing, word for word, so that nobody can probe for what exists. */
export function notFound(kind: SubjectKind, id: string, message?: string): RegistryError {
  return new RegistryError('not_found', message ?? `${SUBJECT_NAMES[kind]} ${quote(id)} does not exist`, {
    subject: { kind, id },
  })
}

export function alreadyExists(message: string, subject: Subject): RegistryError {
  return new RegistryError('already_exists', message, { subject })
}

export function conflict(message: string, subject?: Subject): RegistryError {
  return new RegistryError('conflict', message, { subject })
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
