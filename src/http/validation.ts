/** Checks what comes in against the schemas of the routes, and says in words what is wrong: in some clients the message is all a user sees. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { FastifyInstance, FastifySchemaValidationError } from 'fastify'
import { type FieldProblem, RegistryError } from '../domain/errors.ts'

export function useStrictValidation(server: FastifyInstance): void {
  // `verbose` gives each error its schema, from which the sentence is made.
  const ajv = new Ajv({
    removeAdditional: true,
    useDefaults: false,
    allErrors: false,
    allowUnionTypes: true,
    coerceTypes: false,
    strict: false,
    verbose: true,
  })
  ajv.addFormat('date-time', isDateTime)
  server.setValidatorCompiler(({ schema, httpPart }) => {
    const validate = ajv.compile(schema)
    return httpPart === 'body' ? validate : readingText(validate, schema as TextSchema)
  })
  server.setSchemaErrorFormatter((errors, part) => describe(errors, part))
}

interface TextSchema {
  properties?: Record<string, { type?: unknown }>
}

/** Query and path are text: there decimal digits are a number, and nothing else is (not `1e3`, not `0x10`). In a body `"5"` is none. */
function readingText(validate: ValidateFunction, { properties = {} }: TextSchema): ValidateFunction {
  const typed = Object.entries(properties).filter(([, { type }]) => type === 'integer' || type === 'boolean')
  const read = (data: Record<string, unknown>) => {
    for (const [name, { type }] of typed) {
      const value = data[name]
      if (typeof value === 'string') data[name] = type === 'integer' ? readInteger(value) : readBoolean(value)
    }
    const isValid = validate(data)
    read.errors = validate.errors
    return isValid
  }
  read.errors = validate.errors
  return read as unknown as ValidateFunction
}

/** What is no number stays what it is, for the validator to refuse. */
function readInteger(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : text
}

function readBoolean(text: string): boolean | string {
  return text === 'true' || text === 'false' ? text === 'true' : text
}

function isDateTime(text: string): boolean {
  const day = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.exec(text)?.[1]
  if (day === undefined || Number.isNaN(Date.parse(text))) return false
  // `Date.parse` would make the 3rd of March of a 31st of February.
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
}

function describe(errors: FastifySchemaValidationError[], part: string): RegistryError {
  const problems = errors.map(error => toProblem(error as ErrorObject, part))
  const message = problems.map(({ field, message }) => `${field} ${message}`).join('; ')
  return new RegistryError('invalid_argument', message, { problems })
}

function toProblem(error: ErrorObject, part: string): FieldProblem {
  const place = error.instancePath.slice(1).replaceAll('/', '.')
  const missing = error.keyword === 'required' ? String(error.params['missingProperty']) : undefined
  const field = missing ?? (place === '' ? `the ${part}` : place)
  return { field, message: missing === undefined ? explain(error) : 'is required' }
}

function explain({ keyword, params, parentSchema, message }: ErrorObject): string {
  const schema = parentSchema ?? {}
  if (keyword === 'type' || keyword === 'minimum' || keyword === 'maximum') {
    const { type, minimum, maximum } = schema
    if (minimum !== undefined && maximum !== undefined) return `must be a whole number from ${minimum} to ${maximum}`
    return `must be ${[type].flat().map(nameType).join(' or ')}`
  }
  if (keyword === 'minLength' || keyword === 'maxLength') {
    return `must have ${schema.minLength ?? 0} to ${schema.maxLength} characters`
  }
  if (keyword === 'enum')
    return `must be ${params['allowedValues'].map((value: unknown) => JSON.stringify(value)).join(' or ')}`
  if (keyword === 'format') return 'must be a date and time such as 2026-01-31T12:00:00Z'
  if (keyword === 'anyOf') return 'has the wrong type'
  return message ?? 'is not valid'
}

function nameType(type: unknown): string {
  const names: Record<string, string> = {
    object: 'a JSON object',
    integer: 'a whole number',
    null: 'null',
    array: 'a list',
  }
  return names[String(type)] ?? `a ${type}`
}
