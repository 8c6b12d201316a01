import { invalidArgument } from '../errors.ts'
import { findAliasProblem } from './alias-name.ts'

/** A name that points at one committed version of a model, such as `production`. */
export interface Alias {
  modelId: string
  name: string
  number: number
  userId: string
  createdAt: number
  modifiedAt: number
}

/** Throws `invalid_argument` unless the name can't be mistaken for a version number or for `latest`. */
export function requireAliasName(name: string): string {
  const problem = findAliasProblem(name)
  if (problem) throw invalidArgument('alias', problem)
  return name
}
