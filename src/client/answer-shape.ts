/** Whether an answer is what the contract says. The right status alone proves nothing: anything may answer in a registry's place. */
import type { Answer, Schema } from './contract.ts'

/** Deeper than any answer of a registry, and far from what a stack holds. */
const DEPTH_MAX = 100
/** By these an answer is known: one without them is something else. Of the rest, what a registry of another release leaves out is taken as empty. */
const ESSENTIAL = new Set(['items', 'nextPage', 'id', 'version', 'path', 'size', 'sha256', 'alias', 'key'])

/**
 * The answer with every property that the contract requires, or what is wrong with it: "`items[0].id` is null". Properties that the contract
 * doesn't have are kept as they are.
 */
export function readAnswer(value: unknown, { schema, schemas }: Answer): { value: unknown } | { problem: string } {
  const problem = isTooDeep(value, DEPTH_MAX)
    ? 'it is nested too deeply'
    : findMismatch(value, schema, { schemas, at: '' })
  return problem === undefined ? { value } : { problem }
}

interface Place {
  schemas: Record<string, Schema>
  /** Where in the answer, such as `items[0].id`. */
  at: string
}

function findMismatch(value: unknown, given: Schema, place: Place): string | undefined {
  const schema = given.$ref === undefined ? given : (place.schemas[given.$ref.split('/').at(-1) ?? ''] ?? {})
  const types = [schema.type ?? []].flat()
  if (types.length > 0 && !types.some(type => isOfType(value, type))) return describe(place.at, `is ${nameKind(value)}`)
  if (Array.isArray(value)) {
    if (!schema.items) return undefined
    const { items } = schema
    return findFirst(value.keys(), index =>
      findMismatch(value[index], items, { ...place, at: `${place.at}[${index}]` }),
    )
  }
  return isObject(value) ? findObjectMismatch(value, schema, place) : undefined
}

function findObjectMismatch(value: Record<string, unknown>, schema: Schema, place: Place): string | undefined {
  const required = new Set(schema.required)
  return findFirst(Object.entries(schema.properties ?? {}), ([name, property]) => {
    const at = place.at === '' ? name : `${place.at}.${name}`
    if (!Object.hasOwn(value, name)) {
      if (!required.has(name)) return undefined
      const empty = emptyOf(name, property)
      if (empty === undefined) return describe(at, 'is missing')
      value[name] = empty
      return undefined
    }
    return findMismatch(value[name], property, { ...place, at }) ?? findOddId(name, value[name], schema, at)
  })
}

/** What stands for a property that is not there; undefined when nothing can. */
function emptyOf(name: string, { type }: Schema): unknown {
  if (name === 'nextPage') return undefined
  const types = [type ?? []].flat()
  if (types.includes('null')) return null
  if (ESSENTIAL.has(name)) return undefined
  return EMPTY[types[0] ?? '']?.()
}

const EMPTY: Record<string, () => unknown> = {
  string: () => '',
  integer: () => 0,
  number: () => 0,
  boolean: () => false,
  array: () => [],
}

/** Ids and version numbers go into commands that people are told to type. */
function findOddId(name: string, value: unknown, schema: Schema, at: string): string | undefined {
  if (typeof value !== 'string' || schema.title === 'EventSubject') return undefined
  const isOdd =
    (name === 'id' || name === 'modelId' ? !/^[\w-]{1,100}$/.test(value) : false) ||
    (name === 'version' ? !/^\d{1,15}$/.test(value) : false) ||
    (name === 'sha256' ? !/^[0-9a-f]{64}$/.test(value) : false)
  return isOdd ? describe(at, 'is not what the name says') : undefined
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isObject(value)
  // All numbers of the contract are sizes or counts.
  if (type === 'integer') return Number.isSafeInteger(value) && Number(value) >= 0
  return typeof value === type
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTooDeep(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return left === 0 || Object.values(value).some(item => isTooDeep(item, left - 1))
}

function nameKind(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number') return 'a number that none can be'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function describe(at: string, what: string): string {
  return at === '' ? `it ${what}` : `"${at}" ${what}`
}

function findFirst<T>(items: Iterable<T>, find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
