/**
 * What a registry must show after it was killed: every write it has answered, and of the writes it had no time to answer either all or
 * nothing.
 */

/** Something that a write changes. `maybe` is what the unanswered write, if there is one, would have made of it. */
export interface Cell<T> {
  value: T
  maybe: { value: T } | undefined
}

export type VersionState = 'draft' | 'committed' | 'deleted'

/** A file's content: its sha256, or undefined where there is no file. */
export type Content = string | undefined

export interface ExpectedVersion {
  number: number
  state: Cell<VersionState>
  /** As the commit answered it. */
  digest: string | undefined
  files: Map<string, Cell<Content>>
  /** Whether its files were changed since they were last looked at. */
  isTouched: boolean
}

export interface ExpectedModel {
  id: string
  name: string
  versions: Map<number, ExpectedVersion>
  /** The highest version number that was ever answered or seen: a later one must be higher. */
  highest: number
  /** Whether the creation of a version was not answered. */
  mayHaveOneMore: boolean
  alias: Cell<number | undefined>
}

export interface Expectation {
  models: Map<string, ExpectedModel>
  /** Names of models whose creation was not answered. */
  unanswered: Set<string>
  /** How many writes were answered. */
  acknowledged: number
}

export function cell<T>(value: T): Cell<T> {
  return { value, maybe: undefined }
}

export function expectedModel(id: string, name: string): ExpectedModel {
  return {
    id,
    name,
    versions: new Map(),
    highest: 0,
    mayHaveOneMore: false,
    alias: cell<number | undefined>(undefined),
  }
}

export function addVersion(model: ExpectedModel, number: number): ExpectedVersion {
  if (number <= model.highest) throw new Error(`version number ${number} of ${model.id} was given out twice`)
  const version: ExpectedVersion = {
    number,
    state: cell<VersionState>('draft'),
    digest: undefined,
    files: new Map(),
    isTouched: true,
  }
  model.versions.set(number, version)
  model.highest = number
  return version
}

/** The cell of a file that may never have been there. */
export function fileOf(version: ExpectedVersion, path: string): Cell<Content> {
  const known = version.files.get(path)
  if (known) return known
  const fresh = cell<Content>(undefined)
  version.files.set(path, fresh)
  return fresh
}

/** Makes a write: until it is answered, both outcomes are right. Throws what `send` throws. */
export async function change<T>(target: Cell<T>, value: T, send: () => Promise<unknown>): Promise<void> {
  target.maybe = { value }
  await send()
  target.value = value
  target.maybe = undefined
}

/** Compares with what is there now, which from here on is known. */
export function settle<T>(target: Cell<T>, actual: T, what: string): void {
  if (actual !== target.value && !(target.maybe && actual === target.maybe.value)) {
    const other = target.maybe ? ` or ${target.maybe.value}` : ''
    throw new Error(`${what} is ${actual}, and must be ${target.value}${other}`)
  }
  target.value = actual
  target.maybe = undefined
}
