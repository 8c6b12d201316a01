/** What both registries are asked to do, each in the words of its own API. */

export interface Amounts {
  /** Models beside the large one, each with `versions` versions. */
  models: number
  versions: number
  /** Versions of the large model. */
  big: number
}

export type Work =
  | 'get a model'
  | 'get a model, a new connection each'
  | 'get a version'
  | 'list 100'
  | 'search by a part of the name'
  | 'get the large model'
  | 'set an alias'
  | 'set an alias of the large model'
  | 'create a model'

/** One request. An answer counts only as a 200 that has `expect` in its text. */
export interface Call {
  method: 'GET' | 'POST' | 'PUT'
  path: string
  body?: string
  expect: string
  /** How many things the one list in the answer has. */
  items?: number
}

/** A registry that runs and is filled. */
export interface Contender {
  title: string
  origin: string
  headers: Record<string, string>
  /** @param number another one for each call: it says which model is meant, or what is created. */
  callFor(work: Work, number: number): Call
  /** A call whose answer proves that the last call of a work, which had this number, has changed what it says. Undefined: the work changes nothing. */
  proofOf(work: Work, number: number): Call | undefined
  /** Where a file of this name is put to and got from. */
  filePath(name: string): string
}

/** Counts the calls to a registry: what is created must have another name each time. */
export interface Numbers {
  next(): number
  /** Requests of one client that had no answer. */
  unanswered: number
}

export const PAGE = 100
/** Each model has it, on its first version. */
export const ALIAS = 'champion'
export const BIG = 'model-with-many-versions'
export const PART = 'zebrafish'
/** So many models have PART in their names. */
export const HITS = 20

/** Of the models 0 to `models` - 1. */
export function nameOf(index: number, { models }: Amounts): string {
  const step = Math.floor(models / HITS)
  const isHit = index % step === 0 && index / step < HITS
  return `model-${String(index).padStart(6, '0')}-${isHit ? PART : 'snapshot'}`
}

export function descriptionOf(index: number): string {
  return `What the team trained on dataset ${(index * 31) % 9973}`
}

/** Spreads calls over all models, so that no two in a row are of the same. */
export function pickModel(number: number, { models }: Amounts): number {
  return number % models
}

/** Another one at each round through all models, so that each call moves an alias. */
export function pickVersion(number: number, { models, versions }: Amounts): number {
  return 1 + (Math.floor(number / models) % versions)
}
